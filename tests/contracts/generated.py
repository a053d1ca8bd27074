"""Requests that schemathesis makes of a service's OpenAPI document, sent to the service, and what is wrong with
the answers. Nothing is shrunk and nothing stops at the first find: each kind of failure is kept once."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import hypothesis
import requests
import schemathesis
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckContext
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation

from shared.http.field_errors import OTHER
from shared.security.auth import Allow, Role
from tests.contracts.story import Ids, Token

MODES = list(GenerationMode)
HEADERS = (
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "x-correlation-id",
    "cache-control",
)
# Who may call what is walked by a test of its own; these would send each request again without a token.
# What a schema cannot say, such as the years of business time, makes a valid request of it a refused one.
EXCLUDED = (
    "positive_data_acceptance",
    "ignored_auth",
    "object_level_authorization",
    "use_after_free",
    "ensure_resource_availability",
)


@dataclass
class Tried:
    """What was sent and what came of it."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)


def problems_are_problems(ctx: CheckContext, response: Response, case: Case) -> None:
    """An error is a problem+json in Indonesian, and every answer has the headers of the edge."""
    missing = [name for name in HEADERS if name not in response.headers]
    assert not missing, f"headers missing: {missing}"
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    problem = response.json()
    assert problem["status"] == response.status_code
    for error in problem.get("errors", ()):
        assert error["rule"] != OTHER, f"a rule without a sentence: {problem}"


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    """The routes of an application, those of its routers included."""
    for each in app.routes:
        router = getattr(each, "original_router", None)
        yield from (route for route in (router.routes if router else [each]) if isinstance(route, APIRoute))


def roles_of(app: FastAPI) -> dict[tuple[str, str], tuple[Role, ...]]:
    """By method and path, the roles that a route lets in; none for one that is open to all."""
    return {
        (method, route.path): tuple(_allowed(route.dependant)) for route in routes_of(app) for method in route.methods
    }


def _allowed(dependant: Any) -> Iterator[Role]:
    for each in dependant.dependencies:
        if isinstance(each.call, Allow):
            yield from each.call.roles
        yield from _allowed(each)


class Caller:
    """Sends generated cases to one service with a token of a role that the route lets in."""

    def __init__(self, app: FastAPI, url: str, token: Token, known: Ids, tried: Tried) -> None:
        self._roles, self._token, self._known, self.tried = roles_of(app), token, known, tried
        config = schemathesis.Config.from_dict(
            {"base-url": url, "generation": {"with-security-parameters": False}, "request-timeout": 30}
        )
        self.schema = schemathesis.openapi.from_dict(app.openapi(), config=config)
        self._session = requests.Session()
        self._session.trust_env = False

    def operations(self) -> list[APIOperation]:
        """Those of the document, the simplest first: they have the fewest different cases."""
        found = [operation.ok() for operation in self.schema.get_all_operations()]
        return sorted(found, key=lambda each: (len(list(each.iter_parameters())), each.label))

    def try_out(self, operation: APIOperation, budget: int, seed: int) -> None:
        """Boundaries first, then cases drawn at random, until `budget` of them were sent."""
        goal = self.tried.cases + budget
        edges = self.schema.iter_coverage_cases(
            operation, generation_modes=MODES, generation_config=self.schema.config.generation
        )
        for case in islice(edges, budget // 2):
            self.send(case, None)
        for turn in range(5):
            if self.tried.cases < goal:
                _drawn(operation, self._known, goal - self.tried.cases, seed + turn, self.send)

    def send(self, case: Case, draw: Callable[[st.SearchStrategy[Any]], Any] | None) -> None:
        """One request, its answer checked."""
        roles = self._roles.get((case.method.upper(), case.path)) or (Role.OPS,)
        role = draw(st.sampled_from([*roles * 6, None])) if draw else roles[0]
        if role:
            case.headers["Authorization"] = self._token(role)["Authorization"]
        answer = case.call(session=self._session)
        self.tried.cases += 1
        self.tried.operations[case.operation.label] += 1
        self.tried.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, additional_checks=[problems_are_problems], excluded_checks=_excluded())
        except FailureGroup as group:
            for failure in group.exceptions:
                self.tried.failures.setdefault(f"{case.operation.label}: {failure!r}"[:120], str(group)[:3000])


def _drawn(operation: APIOperation, known: Ids, count: int, seed: int, send: Callable[..., None]) -> None:
    made = [operation.as_strategy(generation_mode=mode) for mode in MODES]
    names = [parameter.name for parameter in operation.path_parameters]
    if names:
        there = st.fixed_dictionaries({name: st.sampled_from(known[name]) for name in names})
        made += [there.flatmap(lambda ids, m=m: operation.as_strategy(m, path_parameters=ids)) for m in MODES * 2]

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.one_of(made), st.data())
    def run(case: Case, data: DataObject) -> None:
        if case.meta is not None and case.meta.generation.mode.is_positive:
            case.body = _meant(case.body, known, data.draw)
            case.query = _meant(case.query, known, data.draw)
        send(case, data.draw)

    run()


def _meant(part: Any, known: Ids, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The same, with values that mean something here and there: a random code names no office."""
    if isinstance(part, list):
        return [_meant(item, known, draw) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: draw(st.sampled_from([value, *known[name]])) if name in known else _meant(value, known, draw)
        for name, value in part.items()
    }


def _excluded() -> list[Any]:
    return schemathesis.checks.CHECKS.get_by_names(list(EXCLUDED))
