"""The application of a service, with the edge around it, and the OpenAPI document that its callers get.

There is no page of documentation: FastAPI's own loads scripts from elsewhere, which the policy forbids.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from shared.http import problem_responses
from shared.http.body_limits import TooLarge, refused
from shared.http.middleware import EdgeMiddleware
from shared.http.problem_responses import PROBLEM, TITLES
from shared.service import RouteBodyLimit
from shared.settings import Settings

Part = dict[str, Any]

PROBLEM_SCHEMA: Part = {
    "title": "Problem",
    "description": "RFC 9457. Texts are in Indonesian, for the person at the screen.",
    "type": "object",
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "rule": {"type": "string"},
                    "code": {"type": "string", "description": "The rule's name in the policy."},
                    "source": {"type": "string", "description": "The law or custom the rule comes from."},
                    "en": {"type": "string", "description": "The rule in English."},
                },
                "required": ["field", "rule"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
ALWAYS = (400, 429, 500, 503)
CLOSED = (401, 403, 404)
"""What a route answers that asks who is there."""
WITH_BODY = (408, 413, 415, 422)
HEADERS = {
    401: {"WWW-Authenticate": "The scheme to use."},
    429: {
        "Retry-After": "Seconds until the window ends.",
        "RateLimit": "The limit that refused: what remains, and the seconds until it begins anew.",
        "RateLimit-Policy": "The limit that refused: its quota, and its window in seconds.",
    },
    503: {"Retry-After": "Seconds."},
}


class Api(FastAPI):
    """FastAPI behind the edge. Paths are those behind the gateway, `/api/<service>`, or of the service's own port."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        lifespan: Lifespan[Any] | None = None,
        body_limits: Sequence[RouteBodyLimit] = (),
    ) -> None:
        super().__init__(
            title=f"Jemput Bola: {name}",
            version="1",
            lifespan=lifespan,
            servers=[
                {"url": f"/api/{name}", "description": "behind the gateway"},
                {"url": "/", "description": "at the service itself"},
            ],
            docs_url=None,
            redoc_url=None,
            # A redirect would name this service's address, which is not the caller's.
            redirect_slashes=False,
        )
        problem_responses.install_handlers(self)
        self.add_exception_handler(TooLarge, refused)
        self.add_middleware(EdgeMiddleware, settings=settings, body_limits=body_limits)

    def openapi(self) -> Part:
        """The document, made once, with every error that a route can answer."""
        made = self.openapi_schema
        document = super().openapi()
        if made is None:
            _declare(document)
        return document


def _declare(document: Part) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    used: set[int] = set()
    for operations in document["paths"].values():
        for method, operation in operations.items():
            # Of what is open to anyone it is said too: without a word a reader would have to guess.
            operation.setdefault("security", [])
            errors = _errors(method, operation)
            used |= errors
            responses = operation["responses"]
            responses.pop("422", None)
            responses |= {str(code): {"$ref": f"#/components/responses/{code}"} for code in sorted(errors)}
    components["responses"] = {str(code): _response(code) for code in sorted(used)}


def _errors(method: str, operation: Part) -> set[int]:
    codes = {*ALWAYS}
    if operation.get("security"):
        codes |= {*CLOSED}
    parameters = operation.get("parameters", ())
    if parameters:
        codes.add(422)
    if any(parameter["in"] == "path" for parameter in parameters):
        codes.add(404)
    if "requestBody" in operation:
        codes |= {*WITH_BODY}
    if method != "get":
        codes.add(409)
    return codes


def _response(code: int) -> Part:
    title, _ = TITLES[code]
    headers = {
        name: {"description": said, "schema": {"type": "string"}} for name, said in HEADERS.get(code, {}).items()
    }
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": title, **({"headers": headers} if headers else {}), "content": content}
