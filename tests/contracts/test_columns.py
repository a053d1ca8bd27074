"""No statement asks for all columns of a table: an add-only migration that runs beside a process changes no answer.

A statement that a connection has prepared fails when its columns change (`InvalidCachedStatementError`), and a row
with one column more does not fit what it is read into. `*` of a clause or of `unnest` says what it has beside it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_STAR = re.compile(r"(?:(\w+)\.)?\*(?=\s*(?:,|\)|from\b|$))")
_TABLE = re.compile(r"\bcreate table (?:if not exists )?(\w+)")
_NAMED = re.compile(r"\b(?:from|join|into|update)\s+(?:only\s+)?(\w+)(?:\s+(?:as\s+)?(\w+))?")
_CLAUSE = re.compile(r"\b(\w+)\s+as\s+(?:materialized\s+)?\(")


def tables() -> set[str]:
    files = [*ROOT.glob("shared/migrations/*.sql"), *ROOT.glob("services/*/migrations/*.sql")]
    return {name for file in files for name in _TABLE.findall(file.read_text())}


def statements(file: Path) -> Iterator[str]:
    """Strings of a module that hold SQL, with what is put into them left out."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else " x " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def stars(sql: str, known: set[str]) -> list[str]:
    """The tables of which a statement asks for all columns."""
    if not re.search(r"\b(?:select|returning)\b", sql):
        return []
    known = known - set(_CLAUSE.findall(sql))
    named = _NAMED.findall(sql)
    by_alias = {alias or name: name for name, alias in named} | {name: name for name, _ in named}
    found = []
    for star in _STAR.finditer(sql):
        before = sql[: star.start()].rstrip()
        if star[1]:
            found.append(by_alias.get(star[1], ""))
        elif re.search(r"\b(?:select|returning|select distinct on \([^)]*\))$", before):
            # What is read; or what is inserted or updated, where it is `returning *`.
            after = _NAMED.search(sql, star.end())
            found += [after[1]] if after else [name for name, _ in named]
    return [name for name in found if name in known]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select * from visit where id = $1", ["visit"]),
        ("select distinct on (day) * from visit", ["visit"]),
        ("select v.*, w.a from visit v left join wish w on true", ["visit"]),
        ("insert into visit as v (id) values ($1) returning v.*", ["visit"]),
        ("update visit set a = 1 returning *", ["visit"]),
        ("select count(*) from visit", []),
        ("with visit as (select id from x) select * from visit", []),
        ("select * from unnest($1::uuid[]) as t(id)", []),
        ("select a * b from visit", []),
    ],
)
def test_the_check_finds_what_it_is_for(sql: str, wanted: list[str]) -> None:
    assert stars(sql, {"visit"}) == wanted


def test_every_statement_names_its_columns() -> None:
    known = tables()
    assert {"outbox", "visit", "request", "movement", "subscription"} <= known
    files = [file for folder in ("shared", "services") for file in sorted((ROOT / folder).rglob("*.py"))]
    found = [
        f"{file.relative_to(ROOT)}: all columns of {name}"
        for file in files
        for sql in statements(file)
        for name in stars(sql, known)
    ]
    assert found == []
