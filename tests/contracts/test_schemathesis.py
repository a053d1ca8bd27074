"""Hundreds of requests that nobody thought of, to every operation of every service on its real parts: no 5xx, and
every error a problem+json as its document says."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from ops.system import SERVICES, Issuer
from shared.http import problem_responses
from shared.http.protocol import make_server
from shared.http.request_middleware import RequestMiddleware
from shared.observability.metrics import Metrics
from shared.service import Service
from tests.contracts.generated import Caller, Tried
from tests.contracts.hostile import Enemy
from tests.contracts.story import Ids, Token, Town, lived
from tests.shared.http import edge
from tests.support.built import build
from tests.support.serving import app_of
from tests.support.town import ready, serving

# The services share this process, and hypothesis watches its random numbers.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")
Told = Callable[[str], Awaitable[dict[str, object]]]
OPEN = {"port": 0, "rate_subject": "", "rate_address": "", "rate_failures": ""}


@pytest.fixture
async def services(settings: Told, tmp_path: Path) -> dict[str, Service]:
    """The four, not yet started."""
    return {name: build(name, await settings(name) | OPEN, tmp_path) for name in SERVICES}


@contextmanager
def town(services: dict[str, Service], token: Token) -> Iterator[tuple[dict[str, FastAPI], dict[str, str], Ids]]:
    apps = {name: app_of(service) for name, service in services.items()}
    with serving({name: make_server(apps[name], each.settings) for name, each in services.items()}) as urls:
        for url in urls.values():
            ready(url)
        yield apps, urls, lived(Town(urls, token))


def try_all(services: dict[str, Service], token: Token, cases: int, seed: int) -> Tried:
    """As many cases, shared out evenly over all operations."""
    tried = Tried()
    with town(services, token) as (apps, urls, known):
        callers = [Caller(apps[name], urls[name], token, known, tried) for name in SERVICES]
        work = [(caller, operation) for caller in callers for operation in caller.operations()]
        work.sort(key=lambda each: len(list(each[1].iter_parameters())) + len(each[1].body))
        for number, (caller, operation) in enumerate(work):
            caller.try_out(operation, -(-(cases - tried.cases) // (len(work) - number)), seed)
    return tried


def must_be_good(tried: Tried, cases: int, seed: int) -> None:
    statuses = dict(sorted(tried.statuses.items()))
    print(f"{tried.cases} cases, {len(tried.operations)} operations, seed {seed}: {statuses}")
    assert not tried.failures, f"seed {seed}: {len(tried.failures)} failures\n" + "\n".join(tried.failures.values())
    assert tried.cases >= cases
    # Neither all refused nor all let through.
    assert {200, 401, 404, 405, 409, 422} <= set(tried.statuses)


@pytest.mark.timeout(900)
async def test_250_requests_that_nobody_thought_of(services: dict[str, Service], token: Token) -> None:
    tried = await asyncio.to_thread(try_all, services, token, 250, 1)
    must_be_good(tried, 250, 1)


PLANTS = {
    "nothing": dict,
    "Server error": lambda: 1 / 0,
    "problems_are_problems": lambda: JSONResponse({"detail": "Not Found"}, 404),
    "Undocumented status code": lambda: problem_responses.problem_response(418, "Teko", "Saya teko."),
}


@pytest.mark.parametrize("found", PLANTS)
def test_a_planted_fault_is_found(found: str, issuer: Issuer, token: Token) -> None:
    settings, tried = edge.told(issuer, **OPEN), Tried()
    app = edge.app(settings, broken=PLANTS[found])
    app.add_middleware(RequestMiddleware, metrics=Metrics(), tracing=None)
    with serving({"uji": make_server(app, settings)}) as urls:
        caller = Caller(app, urls["uji"], token, {}, tried)
        (operation,) = (each for each in caller.operations() if each.label == "GET /broken")
        caller.try_out(operation, 3, 1)
    assert tried.cases == 3
    assert found in ("".join(tried.failures.values()) or "nothing")


@pytest.mark.timeout(900)
@pytest.mark.long
async def test_requests_that_somebody_did_think_of(services: dict[str, Service], token: Token) -> None:
    statuses, wrong = await asyncio.to_thread(attacked, services, token)
    print(f"{statuses.total()} hostile requests: {dict(sorted(statuses.items()))}")
    assert not wrong, "\n".join(wrong)
    assert statuses.total() > 2000
    assert {200, 201, 400, 401, 404, 409, 422} <= set(statuses)


def attacked(services: dict[str, Service], token: Token) -> tuple[Counter[int], list[str]]:
    with town(services, token) as (apps, urls, known):
        enemies = [Enemy(apps[name], urls[name], token, known) for name in SERVICES]
        for enemy in enemies:
            enemy.attack()
    return sum((enemy.statuses for enemy in enemies), Counter()), [line for enemy in enemies for line in enemy.wrong]


@pytest.mark.parametrize(
    "cases", [pytest.param(1_500, marks=pytest.mark.long), pytest.param(10_000, marks=pytest.mark.soak)]
)
async def test_thousands_of_requests_that_nobody_thought_of(
    services: dict[str, Service], token: Token, cases: int
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(10**9))  # noqa: S311
    tried = await asyncio.to_thread(try_all, services, token, cases, seed)
    must_be_good(tried, cases, seed)
