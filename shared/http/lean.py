"""The short way through FastAPI for a request in which all is well.

FastAPI asks anew at each request what a route's parameters are made of; that costs more than everything a command
does before its transaction. A `LeanRoute` asks once. Whatever is not as it should be (no JSON, a field that breaks a
rule, a header that is none) goes FastAPI's own way from the beginning, and is answered there: so answers, the
OpenAPI document and the declaration of who may call are the same on any route. Nothing but dependencies has been
called until then, and those only look. One thing differs: who asks is looked at before the body is, so that a
stranger who sends no JSON hears 401, not 422.

What is asked for at `include_router(dependencies=...)` is not seen here: state dependencies at routers and routes.
"""

from collections.abc import Awaitable, Callable, Coroutine
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, get_type_hints

from fastapi import Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

JSON = "application/json"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LeanRoute(APIRoute):
    """For routes that return a Response, and take one JSON body, headers, parts of the path, and dependencies that
    are awaited and take no more than that. Any other route is as FastAPI makes it."""

    def get_route_handler(self) -> Handler:
        """The handler of this route."""
        whole = super().get_route_handler()
        plan = _plan(self.dependant, self.endpoint)
        return whole if plan is None else _lean(plan, whole)


class _Step(NamedTuple):
    """What is called, with what: answers of steps before it, headers, parts of the path, the request itself."""

    call: Callable[..., Awaitable[Any]]
    asked: list[tuple[str, int]]
    headers: list[ModelField]
    path: list[ModelField]
    request: str | None


class _Plan(NamedTuple):
    before: list[_Step]
    """Dependencies, each once, in the order they are asked."""
    endpoint: _Step
    body: str
    validate: Callable[[bytes], BaseModel]


class _Stray(Exception):
    """Something is not as it should be."""


def _plan(dependant: Dependant, endpoint: Callable[..., Any]) -> _Plan | None:
    """None for a route that needs more than this."""
    body = dependant.body_params[0] if len(dependant.body_params) == 1 else None
    model: Any = body.field_info.annotation if body else None
    returned = get_type_hints(endpoint).get("return")
    steps: list[_Step] = []
    whole = _ask(dependant, steps)
    if not whole or body is None or not _is_a(model, BaseModel) or not _is_a(returned, Response):
        return None
    return _Plan(steps[:-1], steps[-1], body.name, model.__pydantic_validator__.validate_json)


def _ask(dependant: Dependant, steps: list[_Step]) -> bool:
    """Put this and what it asks among the steps, itself last; False when it needs more than a step has."""
    call: Any = dependant.call
    awaited = iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)
    if not awaited or dependant.query_params or dependant.cookie_params or dependant.response_param_name:
        return False
    asked = []
    for each in dependant.dependencies:
        if not any(step.call is each.call for step in steps) and not _ask(each, steps):
            return False
        if each.name is not None:
            asked.append((each.name, next(n for n, step in enumerate(steps) if step.call is each.call)))
    steps.append(_Step(call, asked, dependant.header_params, dependant.path_params, dependant.request_param_name))
    return True


def _is_a(given: object, kind: type) -> bool:
    return isinstance(given, type) and issubclass(given, kind)


def _lean(plan: _Plan, whole: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        if request.headers.get("content-type") != JSON:
            return await whole(request)
        content = await request.body()
        answers: list[Any] = []
        try:
            for step in plan.before:
                answers.append(await step.call(**_values(step, request, answers)))
            values = _values(plan.endpoint, request, answers)
            values[plan.body] = plan.validate(content)
        except (_Stray, ValidationError):
            return await whole(request)
        answer: Response = await plan.endpoint.call(**values)
        return answer

    return handle


def _values(step: _Step, request: Request, answers: list[Any]) -> dict[str, Any]:
    """What a step is called with. Raises _Stray."""
    values = {name: answers[n] for name, n in step.asked}
    if step.headers:
        _take(step.headers, request.headers, values)
    if step.path:
        _take(step.path, request.path_params, values)
    if step.request is not None:
        values[step.request] = request
    return values


def _take(fields: list[ModelField], given: Any, values: dict[str, Any]) -> None:
    """Put these parameters among the values. Raises _Stray unless they are as they should be."""
    for field in fields:
        text = given.get(field.alias)
        if text is not None:
            values[field.name], errors = field.validate(text, values, loc=())
            if errors:
                raise _Stray
        elif field.field_info.is_required():
            raise _Stray
        else:
            values[field.name] = field.get_default()
