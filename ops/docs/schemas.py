"""A JSON Schema for each event: flat, in the order of the fields, each field named by its closed type."""

from typing import Any

from ops.docs.source import attribute, one_line
from shared.contract.events import ALL, Event

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_name(event: type[Event]) -> str:
    """Where an event's schema lies in docs/schemas."""
    return f"{event.__name__}.v{event.version}.json"


def schema_of(event: type[Event]) -> Schema:
    """The schema of an event's value. Unknown fields are allowed: minor versions only add."""
    made = event.model_json_schema()
    definitions = made.get("$defs", {})
    return {
        "title": event.type_name(),
        "description": one_line(event.__doc__),
        "type": "object",
        "properties": {
            name: _property(event, name, content, definitions) for name, content in made["properties"].items()
        },
        "required": made["required"],
    }


def schema_files() -> dict[str, Schema]:
    """All schemas by file name."""
    return {file_name(event): {"$schema": DIALECT, **schema_of(event)} for event in ALL}


def _property(event: type[Event], name: str, content: Schema, definitions: Schema) -> Schema:
    said = attribute(event, name)
    rules = _inline(content, definitions)
    return {"title": said.type_name, **({"description": said.doc} if said.doc else {}), **rules}


def _inline(content: Any, definitions: Schema) -> Any:
    """The rules alone: references replaced by what they name, titles and docs of the types left out."""
    if isinstance(content, list):
        return [_inline(part, definitions) for part in content]
    if not isinstance(content, dict):
        return content
    named = definitions[content["$ref"].rpartition("/")[2]] if "$ref" in content else {}
    rules = {**named, **content}
    dropped = ("$ref", "title", "description")
    return {key: _inline(part, definitions) for key, part in rules.items() if key not in dropped}
