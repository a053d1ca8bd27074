"""One statement of parts that are written each in its own room: a whole transaction in one round trip.

A part is some clauses of a `with`, and the values of its own $1, $2 and so on. What a statement raises undoes all of
it, so the last part decides: what must not be, it must refuse.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_PLACE = re.compile(r"\$(\d+)")


class Part(NamedTuple):
    """Clauses of a `with`, and their values. Names of clauses are shared: a later part may ask an earlier one."""

    clauses: str
    values: tuple[object, ...] = ()


def statement(*parts: Part, then: str) -> tuple[str, list[object]]:
    """The text and the values of these parts, ending in the query `then`."""
    text = _text(tuple((part.clauses, len(part.values)) for part in parts), then)
    return text, [value for part in parts for value in part.values]


def of(alias: str, columns: str) -> str:
    """The columns of a table, "a, b, c", under an alias. A statement names them: it then says the same, and stays
    prepared, while a migration adds one."""
    return ", ".join(f"{alias}.{name}" for name in columns.split(", "))


@lru_cache(maxsize=64)
def _text(parts: tuple[tuple[str, int], ...], then: str) -> str:
    clauses, before = [], 0
    for text, count in parts:
        clauses.append(_PLACE.sub(lambda place, before=before: f"${int(place[1]) + before}", text))  # type: ignore[misc]
        before += count
    return f"with {', '.join(clauses)} {then}"
