"""What a change of a schema breaks: consumers written against the old one, or events that are still kept."""

from typing import Any

Schema = dict[str, Any]
LOWER, UPPER = ("minimum", "exclusiveMinimum", "minItems", "minLength"), ("maximum", "exclusiveMaximum", "maxItems")
READ = {"type", "format", "pattern", "enum", "const", "items", *LOWER, *UPPER}
"""The keywords that are compared; an unknown one counts as a change, so that nothing slips through."""
DOCS = {"title", "description", "default", "examples"}


def breaks(archived: Schema, current: Schema) -> list[str]:
    """What an archived consumer does not survive, and what today's code cannot read of events that are kept."""
    lost = [f"{name}: removed" for name in archived["properties"] if name not in current["properties"]]
    ahead = [f"an archived consumer: {why}" for why in _objects(reader=archived, writer=current)]
    behind = [f"an event kept in a topic: {why}" for why in _objects(reader=current, writer=archived)]
    return lost + ahead + behind


def _objects(reader: Schema, writer: Schema) -> list[str]:
    """Why a value that `writer` allows may be refused by `reader`."""
    required = [name for name in reader["required"] if name not in writer["required"]]
    both = [name for name in reader["properties"] if name in writer["properties"]]
    return [f"{name}: may be missing" for name in required] + [
        f"{name}: {why}" for name in both for why in refusals(reader["properties"][name], writer["properties"][name])
    ]


def refusals(reader: Schema, writer: Schema) -> list[str]:
    """Why a field's value that `writer` allows may be refused by `reader`."""
    keywords = sorted((reader.keys() | writer.keys()) - DOCS)
    return [why for keyword in keywords if (why := _refusal(keyword, reader.get(keyword), writer.get(keyword)))]


def _refusal(keyword: str, reads: Any, writes: Any) -> str:
    if reads == writes or (reads is None and keyword in READ - {"type"}):
        return ""
    if keyword == "enum" and writes is not None:
        unknown = [value for value in writes if value not in reads]
        return f"does not know {', '.join(map(str, unknown))}" if unknown else ""
    if keyword == "items" and writes is not None:
        return "; ".join(refusals(reads, writes))
    if keyword in LOWER and writes is not None and writes >= reads:
        return ""
    if keyword in UPPER and writes is not None and writes <= reads:
        return ""
    return f"{keyword} {reads!r} does not take {writes!r}"
