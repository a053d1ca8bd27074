"""Whether an event can carry free text or grow: each field is of a closed type of `shared/contract/fields.py`."""

import re
from datetime import date
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from annotated_types import MaxLen
from pydantic import AwareDatetime, StringConstraints
from pydantic.fields import FieldInfo

from ops.docs.source import attribute
from shared.contract import fields
from shared.contract.events import Event

WIDEST = 60
"""Characters of the longest code: the name of a handler."""


def strangers(event: type[Event]) -> list[str]:
    """The fields of an event that a contract without personal data must not have, and why."""
    hints = get_type_hints(event, include_extras=True)
    found = [(name, why_open(hints[name]) or _why_unlisted(event, name, hints[name])) for name in event.model_fields]
    return [f"{event.__name__}.{name}: {why}" for name, why in found if why]


def why_open(annotation: Any) -> str:
    """Why values of this type could be free text or grow without bound; "" when they cannot."""
    base: Any = annotation
    metadata: list[Any] = []
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
    if get_origin(base) in (Union, UnionType):
        parts = [part for part in get_args(base) if part is not type(None)]
        return next((why for part in parts if (why := why_open(part))), "")
    if isinstance(base, type) and issubclass(base, Enum | UUID | bool | date | AwareDatetime):
        return ""
    if base is str:
        return _why_open_text(metadata)
    if base in (int, float):
        return "" if {"ge", "le"} <= _bounds(metadata) else "a number needs ge and le"
    if get_origin(base) is tuple:
        item, *more = get_args(base)
        bounded = more != [...] or "max_length" in _bounds(metadata)
        return why_open(item) if bounded else "a list needs max_length"
    return f"{base!r} is none of the closed kinds"


def _why_open_text(metadata: Any) -> str:
    patterns = [str(found.pattern) for found in metadata if isinstance(found, StringConstraints) and found.pattern]
    if not patterns:
        return "text needs a pattern"
    pattern = patterns[0]
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return "the pattern must hold for the whole text: ^...$"
    parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    if _names_no_characters(parsed) or " " in pattern:
        return "the pattern names its characters: no \\d, \\w, any or space (they take every script)"
    widest = parsed.getwidth()[1]
    return "" if widest <= WIDEST else f"the pattern takes {widest} characters; {WIDEST} are the most"


def _names_no_characters(part: Any) -> bool:
    """Whether a parsed pattern holds a category, "any", or a negated set."""
    if str(part) in ("ANY", "CATEGORY", "NEGATE"):
        return True
    nested = isinstance(part, list | tuple | re._parser.SubPattern)  # type: ignore[attr-defined]
    return nested and any(_names_no_characters(inner) for inner in part)


def _bounds(metadata: Any) -> set[str]:
    constraints = [
        part for found in metadata for part in (found.metadata if isinstance(found, FieldInfo) else [found])
    ]
    names = {
        name for part in constraints for name in ("ge", "le", "gt", "lt") if getattr(part, name, None) is not None
    }
    return names | ({"max_length"} if any(isinstance(part, MaxLen) for part in constraints) else set())


def _why_unlisted(event: type[Event], name: str, annotation: Any) -> str:
    try:
        type_name = attribute(event, name).type_name
    except LookupError:
        return "its type is not named in shared/contract/fields.py"
    return (
        ""
        if getattr(fields, type_name) == annotation
        else f"it is not what shared/contract/fields.py calls {type_name}"
    )
