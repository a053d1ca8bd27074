"""Where the routes of a service take a moment or a day, as their OpenAPI says."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A field for a moment (`format` "date-time") or a day ("date"): in the query, or on a path in the body."""

    method: str
    path: str
    where: str
    field: tuple[str, ...]
    format: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'.'.join(self.field)}"


def places(openapi: dict[str, Any]) -> Iterator[Place]:
    """All of them on routes that command or check; what is only read is asked by a day of its own choice."""
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            if method == "get":
                continue
            for parameter in operation.get("parameters", ()):
                for field, kind in _within(openapi, parameter["schema"], (parameter["name"],)):
                    yield Place(method, path, parameter["in"], field, kind)
            content = operation.get("requestBody", {}).get("content", {})
            for field, kind in _within(openapi, content.get("application/json", {}).get("schema", {}), ()):
                yield Place(method, path, "body", field, kind)


def _within(
    openapi: dict[str, Any], schema: dict[str, Any], field: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for either in schema.get("anyOf", schema.get("oneOf", schema.get("allOf", ()))):
        yield from _within(openapi, either, field)
    if schema.get("format") in ("date", "date-time"):
        yield field, schema["format"]
    for name, inner in schema.get("properties", {}).items():
        yield from _within(openapi, inner, (*field, name))
    yield from _within(openapi, schema["items"], (*field, "0")) if "items" in schema else ()


def put(body: Any, field: tuple[str, ...], value: str) -> None:
    """Write a value on a path of a body, which is made as far as it is not there."""
    *way, last = field
    for name in way:
        body = body[int(name)] if isinstance(body, list) else body.setdefault(name, {})
    body[last] = value
