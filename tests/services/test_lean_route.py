"""The short way through FastAPI answers as the long one, whatever is sent."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from services.requests.api import commands, filing
from shared.contract.fields import SentInstant
from shared.http import lean, problem_responses
from shared.http.commands import IdempotencyKey
from shared.http.lean import LeanRoute
from shared.problems import Unauthorized


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: Annotated[int, Field(ge=1)]
    names: tuple[str, ...] = ()


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    at: SentInstant
    inner: Inner


async def caller(request: Request) -> str:
    """Who asks; nobody without a name."""
    if "who" not in request.headers:
        raise Unauthorized("siapa?")
    return request.headers["who"]


def routed(route: type[APIRoute]) -> APIRouter:
    router = APIRouter(route_class=route)

    @router.post("/{number}/things", status_code=201)
    async def add(
        number: UUID, body: Body, who: Annotated[str, Depends(caller)], key: IdempotencyKey = None
    ) -> Response:
        return Response(f"{number} {body!r} {who} {key}", 201)

    return router


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problem_responses.install_handlers(app)
    app.include_router(routed(APIRoute), prefix="/long")
    app.include_router(routed(LeanRoute), prefix="/short")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://lean") as client:
        yield client


GOOD = b'{"at": "2026-11-24T09:00:00+07:00", "inner": {"count": 2, "names": ["a", "b"]}}'
NUMBER = "01a20e4a-f3ab-7220-90f9-a19bd63ed094"
NAMED = {"who": "seseorang"}


@pytest.mark.parametrize(
    ("number", "content", "headers"),
    [
        (NUMBER, GOOD, NAMED),
        (NUMBER, GOOD, {**NAMED, "idempotency-key": NUMBER}),
        (NUMBER, GOOD, {**NAMED, "content-type": "application/json; charset=utf-8"}),
        (NUMBER, GOOD, {**NAMED, "content-type": "text/plain"}),
        (NUMBER, GOOD, {**NAMED, "idempotency-key": "satu"}),
        (NUMBER, GOOD, {}),
        ("satu", GOOD, NAMED),
        (NUMBER, b"", NAMED),
        (NUMBER, b"{", NAMED),
        (NUMBER, b"[]", NAMED),
        (NUMBER, b"null", NAMED),
        (NUMBER, b'{"at": "kemarin", "inner": {"count": 0}, "x": 1}', NAMED),
        (NUMBER, GOOD.replace(b"2,", b'"2",'), NAMED),
        (NUMBER, GOOD.replace(b"2,", b"2.5,"), NAMED),
        (NUMBER, GOOD.replace(b"2,", b"NaN,"), NAMED),
        (NUMBER, GOOD.replace(b'"a"', b'"\\ud800"'), NAMED),
        (NUMBER, GOOD.replace(b'"a"', b'"\xff"'), NAMED),
        (NUMBER, b"[" * 10_000, NAMED),
    ],
)
async def test_both_ways_give_one_answer(
    http: httpx.AsyncClient, number: str, content: bytes, headers: dict[str, str]
) -> None:
    sent: dict[str, Any] = {"content": content, "headers": {"content-type": "application/json", **headers}}
    long, short = [await http.post(f"/{way}/{number}/things", **sent) for way in ("long", "short")]
    assert (short.status_code, short.text, short.headers) == (long.status_code, long.text, long.headers)


async def test_a_stranger_is_told_nothing_of_the_body(http: httpx.AsyncClient) -> None:
    answer = await http.post(f"/short/{NUMBER}/things", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 401


def test_the_commands_on_requests_go_the_short_way() -> None:
    routes = [route for router in (filing.router, commands.router) for route in router.routes]
    long = [route.path for route in routes if isinstance(route, APIRoute) and not _is_lean(route)]
    assert long == ["/requests/check", "/requests/check/resident", "/requests/check/number"], (
        "a command that went the short way needs more than that now"
    )


def _is_lean(route: APIRoute) -> bool:
    return lean._plan(route.dependant, route.endpoint) is not None
