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
    are asked with the request alone. Any other route is as FastAPI makes it."""

    def get_route_handler(self) -> Handler:
        """The handler of this route."""
        whole = super().get_route_handler()
        plan = _plan(self.dependant, self.endpoint)
        return whole if plan is None else _lean(plan, whole)


class _Plan(NamedTuple):
    endpoint: Callable[..., Awaitable[Response]]
    asked: list[tuple[str | None, Callable[[Request], Awaitable[Any]]]]
    headers: list[ModelField]
    path: list[ModelField]
    body: str
    model: type[BaseModel]


def _plan(dependant: Dependant, endpoint: Callable[..., Any]) -> _Plan | None:
    """None for a route that needs more than this."""
    more = [dependant.query_params, dependant.cookie_params, dependant.request_param_name]
    body = dependant.body_params[0] if len(dependant.body_params) == 1 else None
    model = body.field_info.annotation if body else None
    returned = get_type_hints(endpoint).get("return")
    if any(more) or body is None or not _is_a(model, BaseModel) or not _is_a(returned, Response):
        return None
    if not all(_asks_with_the_request(each) for each in dependant.dependencies):
        return None
    asked = [(each.name, each.call) for each in dependant.dependencies]
    return _Plan(endpoint, asked, dependant.header_params, dependant.path_params, body.name, model)  # type: ignore[arg-type]


def _is_a(given: object, kind: type) -> bool:
    return isinstance(given, type) and issubclass(given, kind)


def _asks_with_the_request(dependant: Dependant) -> bool:
    call = dependant.call
    awaited = iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)
    more = (dependant.dependencies, dependant.path_params, dependant.query_params, dependant.header_params)
    return awaited and dependant.request_param_name == "request" and not any((*more, dependant.body_params))


def _lean(plan: _Plan, whole: Handler) -> Handler:
    validate = plan.model.__pydantic_validator__.validate_json

    async def handle(request: Request) -> Response:
        if request.headers.get("content-type") != JSON:
            return await whole(request)
        content = await request.body()
        values: dict[str, Any] = {}
        for name, call in plan.asked:
            found = await call(request)
            if name is not None:
                values[name] = found
        try:
            values[plan.body] = validate(content)
        except ValidationError:
            return await whole(request)
        if not _take(plan.headers, request.headers, values) or not _take(plan.path, request.path_params, values):
            return await whole(request)
        return await plan.endpoint(**values)

    return handle


def _take(fields: list[ModelField], given: Any, values: dict[str, Any]) -> bool:
    """Whether these parameters are what they should be; then they are among the values."""
    for field in fields:
        text = given.get(field.alias)
        if text is None:
            if field.field_info.is_required():
                return False
            values[field.name] = field.get_default()
        else:
            values[field.name], errors = field.validate(text, values, loc=())
            if errors:
                return False
    return True
