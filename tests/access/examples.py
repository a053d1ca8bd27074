"""A request that a route would take, made of its OpenAPI and of what an office has."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from shared.security.auth import Role
from tests.access.world import MONDAY, Office
from tests.support.files import png

PLAIN = {
    "station": "P1",
    "team": "T1",
    "serial": "BL99000001",
    "document": "BA/1",
    "number": "470/1",
    "name": "Warga Sintetis",
    "address": "Jalan Sintetis 1",
    "nik": "1702060101500001",
    "q": "470/1",
    "dalam": "17",
}
"""What a field with a pattern of its own is given, by its name."""

BESIDES = {"birth_date", "address", "name", "kelurahan"}
"""Fields of a body that may be left out, but not all of them at once."""
_NAMED = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass
class Asked:
    """A request to a route."""

    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None

    def says(self, secret: str) -> bool:
        """Whether the caller itself said this: an answer may repeat it."""
        return secret.strip('"') in f"{self.path} {self.query} {self.body}"


class Examples:
    """Requests to the routes of one service."""

    def __init__(self, openapi: dict[str, Any]) -> None:
        self._openapi = openapi

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """The route's description; {} for a route that is not described."""
        found: dict[str, Any] = self._openapi["paths"].get(path, {}).get(method.lower(), {})
        return found

    def ask(self, method: str, path: str, role: Role, office: Office) -> Asked:
        """The least that the route would take, about this office."""
        operation = self.operation(method, path)
        made = Asked(path)
        for parameter in operation.get("parameters", ()):
            name, where = parameter["name"], parameter["in"]
            if where == "path":
                made.path = made.path.replace(f"{{{name}}}", self._text(name, parameter["schema"], role, office))
            elif where == "query" and parameter.get("required"):
                made.query[name] = self._text(name, parameter["schema"], role, office)
        # A page is not described: what its path names is an id that the office has.
        made.path = _NAMED.sub(lambda named: office.named.get(named[1], str(uuid4())), made.path)
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            made.body = self._value("", content["application/json"]["schema"], role, office)
        elif "application/octet-stream" in content:
            made.body = png()
        return made

    def filters(self, method: str, path: str, role: Role, office: Office) -> list[dict[str, str]]:
        """Each query parameter that names something of this office, alone; and the widest page there is."""
        found: list[dict[str, str]] = []
        for parameter in self.operation(method, path).get("parameters", ()):
            if parameter["in"] == "query" and not parameter.get("required"):
                name = parameter["name"]
                schema = self._resolved(parameter["schema"])
                if name in ("after", "before"):
                    found += [{name: value} for value in _beyond(schema, office)]
                elif "maximum" in schema:
                    found.append({name: str(schema["maximum"])})
                else:
                    found.append({name: self._text(name, schema, role, office)})
                if name in office.named:
                    found += [{name: bent} for bent in (office.named[name][:4], office.named[name] + ".", "%", "")]
        return found

    def _text(self, name: str, schema: dict[str, Any], role: Role, office: Office) -> str:
        return str(self._value(name, schema, role, office))

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in schema:
                schema = self._openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif "anyOf" in schema or "oneOf" in schema:
                either = schema.get("anyOf") or schema["oneOf"]
                schema = next(each for each in either if each.get("type") != "null")
            elif "allOf" in schema:
                schema = schema["allOf"][0]
            else:
                return schema

    def _value(self, name: str, schema: dict[str, Any], role: Role, office: Office) -> Any:
        schema = self._resolved(schema)
        if known := _known(name, role, office):
            return known
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        match schema.get("type"):
            case "object":
                told = [*schema.get("required", ()), *(name for name in schema["properties"] if name in BESIDES)]
                return {key: self._value(key, schema["properties"][key], role, office) for key in dict.fromkeys(told)}
            case "array":
                return [self._value(name, schema.get("items", {}), role, office)]
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
            case _:
                return self._string(name, schema)

    def _string(self, name: str, schema: dict[str, Any]) -> str:
        match schema.get("format"):
            case "date-time":
                return MONDAY
            case "date":
                return "1950-08-17" if name == "birth_date" else "2026-04-09"
            case "uuid":
                return str(uuid4())
        if name not in PLAIN and "pattern" in schema:
            raise AssertionError(f"tests/access/examples.py: add an example of {name} ({schema['pattern']}) to PLAIN")
        return PLAIN.get(name, "contoh")


def _known(name: str, role: Role, office: Office) -> Any:
    """What the office has by this name."""
    match name:
        case "place":
            return office.wilayah(role)
        case "receipt_id":
            return office.receipts.get(office.wilayah(role), str(uuid4()))
        case "cases":
            return [office.named.get("case_id", str(uuid4()))]
        case _:
            return office.named.get(name)


def _beyond(schema: dict[str, Any], office: Office) -> list[str]:
    """Cursors that point at, before and behind what a foreign office has."""
    if schema.get("format") == "uuid":
        return [
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            office.named.get("request_id", str(uuid4())),
        ]
    if schema.get("format") == "date":
        return ["2011-01-01", "9999-12-31"]
    return ["1", str(2**62)]
