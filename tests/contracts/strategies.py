"""Hypothesis strategies for events, made from the types of their fields."""

import math
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from shared.contract.events import Event

E = TypeVar("E", bound=Event)


def events(event: type[E]) -> st.SearchStrategy[E]:
    """Any valid event of a type."""
    hints = get_type_hints(event, include_extras=True)
    return st.builds(event, **{name: _values(hints[name]) for name in event.model_fields})


def instants() -> st.SearchStrategy[datetime]:
    """Moments that the contract allows, in UTC."""
    return st.datetimes(datetime(2011, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    base, metadata = annotation, []
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
    if get_origin(base) in (Union, UnionType):
        return st.one_of(*map(_values, get_args(base)))
    if base is type(None):
        return st.none()
    if get_origin(base) is tuple:
        return st.lists(_values(get_args(base)[0]), max_size=_bounds(metadata).get("max_length")).map(tuple)
    if base is str:
        pattern = next(found.pattern for found in metadata if isinstance(found, StringConstraints))
        return st.from_regex(str(pattern), fullmatch=True)
    if base is int:
        return st.integers(_bounds(metadata)["ge"], _bounds(metadata)["le"])
    if base is float:
        bounds = _bounds(metadata)
        return st.floats(bounds["ge"], bounds["le"]).filter(math.isfinite)
    return _plain(base)


def _plain(base: Any) -> st.SearchStrategy[Any]:
    if base is UUID:
        return st.uuids()
    if base is bool:
        return st.booleans()
    if isinstance(base, type) and issubclass(base, Enum):
        return st.sampled_from(base)
    return instants().map(datetime.date) if base.__name__ == "date" else instants()


def _bounds(metadata: list[Any]) -> dict[str, Any]:
    """The constraints by name: ge, le, max_length."""
    parts = [part for found in metadata for part in (found.metadata if isinstance(found, FieldInfo) else [found])]
    named = ((name, getattr(part, name, None)) for part in parts for name in ("ge", "le", "max_length"))
    return {name: value for name, value in named if value is not None}
