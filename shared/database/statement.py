"""One SQL statement composed of parts from several modules: a whole transaction in one round trip.

A part is a list of CTEs (clauses of `with`) and the values of its own parameters $1, $2 and so on. An error in any
part rolls back all of them. So the last part checks the result, and raises an error when it must not be committed.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_PARAMETER = re.compile(r"\$(\d+)")


class Part(NamedTuple):
    """CTEs and the values of their parameters. A part may refer to the CTEs of earlier parts by name."""

    clauses: str
    values: tuple[object, ...] = ()


def statement(*parts: Part, then: str) -> tuple[str, list[object]]:
    """The text and the values of the composed statement, which ends in the query `then`."""
    text = _compose(tuple((part.clauses, len(part.values)) for part in parts), then)
    return text, [value for part in parts for value in part.values]


def of(alias: str, columns: str) -> str:
    """The columns "a, b, c" with a table alias: "t.a, t.b, t.c".

    Statements name their columns, so that a prepared statement stays valid while a migration adds a column.
    """
    return ", ".join(f"{alias}.{name}" for name in columns.split(", "))


@lru_cache(maxsize=64)
def _compose(parts: tuple[tuple[str, int], ...], then: str) -> str:
    clauses, offset = [], 0
    for text, count in parts:
        # Renumber the part's parameters to follow those of the parts before it.
        clauses.append(_PARAMETER.sub(lambda match, offset=offset: f"${int(match[1]) + offset}", text))  # type: ignore[misc]
        offset += count
    return f"with {', '.join(clauses)} {then}"
