"""Requests by the page, as filters ask for them. No person is in what these return."""
# ruff: noqa: S608  what is put into a statement are our own words and places of values

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.domain.finding import Span
from services.requests.domain.stages import WAITS_AT, State, waits_at
from services.requests.domain.tracking.codes import read_if
from services.requests.store import limits
from services.requests.store.people import Persons, Value, has_words
from services.requests.store.reading import LATE, SHOWN, RequestRow, request_of
from services.requests.store.states import STATE, WAITING
from shared.contract.fields import RequestKind, Stage
from shared.database.connection import Connection

MOST = 1000
"""Residents that a word may find, the newest: whoever looks for an older one needs a second word."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody looks for, as the indexes have it; one of `persons`, `letters`, `begins` and `code` is met."""

    persons: Persons
    letters: tuple[tuple[str, ...], ...]
    """Of each office the words that a letter must have, as `letter_words` has them."""
    begins: str
    """How the number of a letter begins."""
    code: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests: `text` is the beginning of a letter's number, or a tracking code."""

    region: str | None = None
    state: State | None = None
    kind: RequestKind | None = None
    overdue: bool = False
    text: str | None = None
    filed: tuple[Span, ...] = ()
    """Filed in one of these."""
    words: Words | None = None
    needing: bool = False
    """Those that need a clerk: they lack papers, wait for a decision, are past a limit, or were just rejected."""

    @property
    def code(self) -> str | None:
        """The tracking code that `text` is."""
        return read_if(self.text)


async def page(conn: Connection, wilayah: str, chosen: Filter, after: UUID | None, limit: int) -> list[RequestRow]:
    """Requests of a wilayah, the newest first; those with a case at the state, if one is given."""
    sql, values = page_query(wilayah, chosen, after, limit)
    return [request_of(row) for row in await conn.fetch(sql, *values)]


async def first_cases(conn: Connection, request_ids: Sequence[UUID], each: int) -> dict[UUID, list[UUID]]:
    """So many cases of each request, in the order of its letter."""
    rows = await conn.fetch(
        "select request_id, id from case_file where request_id = any($1) and place < $2 order by request_id, place",
        *(request_ids, each),
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["request_id"], []).append(row["id"])
    return found


def page_query(wilayah: str, chosen: Filter, after: UUID | None, limit: int) -> tuple[str, list[object]]:
    """The statement of a page, and its values. It names only what is asked for: each filter has a plan of its own."""
    values: list[object] = []

    def value(given: object) -> str:
        values.append(given)
        return f"${len(values)}"

    asked = [
        "(r.kelurahan = {0} or starts_with(r.kelurahan, {0} || '.'))".format(value(region))
        for region in (wilayah, chosen.region)
        if region
    ]
    if chosen.filed:
        asked.append(_filed(chosen.filed, value))
    if chosen.words is not None:
        asked.append(f"r.id in ({_found(chosen.words, wilayah, after, value)})")
    if chosen.state is not None:
        asked.append(_at_state(chosen.state, value))
    if chosen.kind is not None:
        asked.append(f"r.kind = {value(chosen.kind)}")
    if chosen.overdue:
        # `is true` keeps it a question to each row: as a join it is guessed wrong.
        asked.append(f"r.id in (select request_id from overdue) and {LATE} is true")
    if chosen.needing:
        asked.append(f"r.id in ({NEEDING})")
    if chosen.text is not None:
        asked.append(_about(chosen, value))
    if after is not None:
        asked.append(f"r.id < {value(after)}")
    where = " and ".join(asked) or "true"
    return f"{SHOWN} where {where} order by r.id desc limit {value(limit)}", values


def _at_state(state: State, value: Value) -> str:
    if state is State.NEEDS_DOCUMENTS:
        return "r.id in (select request_id from case_file where stage = 'filed' and missing <> '{}')"
    if state is State.FILED:
        return (
            "r.stage = 'filed' and (exists (select from case_file c where c.request_id = r.id and c.stage = 'filed'"
            " and c.missing = '{}') or not exists (select from case_file c where c.request_id = r.id))"
        )
    waits = waits_at(state)
    if waits is not None:
        # Few wait so: from them to their requests.
        those = f"{STATE} = {value(state)} and w.waits_for = {value(waits[0])}"
        return f"r.id in (select c.request_id from case_file c {WAITING} where {those})"
    there = f"c.request_id = r.id and c.stage = {value(state)}"
    if Stage(state) in WAITS_AT:
        return f"exists (select from case_file c {WAITING} where {there} and {STATE} = {value(state)})"
    return f"exists (select from case_file c where {there})"


# By business time; a clock that never ticked is that of the wall.
REFUSED = """c.stage = 'rejected'
and c.closed_at > coalesce((select at from business_clock), clock_timestamp()) - interval '1 day'"""
NEEDING = f"""
select request_id from case_file where stage = 'filed' and missing <> '{{}}'
union select c.request_id from case_file c {WAITING} where w.waits_for = 'decision'
and {STATE} = '{State.AWAITING_DECISION}'
union select late.request_id from ({limits.LATE}) late
union select c.request_id from case_file c where {REFUSED}
"""


def _filed(spans: Sequence[Span], value: Value) -> str:
    each = (
        f"(r.office = any({value(offices)}) and r.filed_at >= {value(begins)} and r.filed_at < {value(ends)})"
        for offices, begins, ends in spans
    )
    return f"({' or '.join(each)})"


def _found(words: Words, wilayah: str, after: UUID | None, value: Value) -> str:
    """The requests that the words find: each way by an index of its own, and cut to the wilayah there."""
    within = "true"
    if wilayah:
        within = "(t.kelurahan = {0} or starts_with(t.kelurahan, {0} || '.'))".format(value(wilayah))
    ways = [f"select t.id from request t where starts_with(t.letter_number, {value(words.begins)}) and {within}"]
    if words.persons:
        those = " and ".join(has_words(words.persons, value))
        before = "true" if after is None else f"t.request_id < {value(after)}"
        ways.append(
            f"(select t.request_id from person p join case_file t on t.id = p.case_id where {those} and {within}"
            f" and {before} order by t.request_id desc limit {MOST})"
        )
    if words.letters:
        those = " or ".join(
            f"letter_words(t.office, t.letter_number, t.place_name) @> {value(list(each))}::text[]"
            for each in words.letters
        )
        ways.append(f"select t.id from request t where ({those}) and {within}")
    if words.code is not None:
        ways.append(f"select t.request_id from case_file t where t.tracking = {value(words.code)} and {within}")
    return " union ".join(ways)


def _about(chosen: Filter, value: Value) -> str:
    number = f"starts_with(r.letter_number, {value(chosen.text)})"
    if chosen.code is None:
        return number
    tracked = f"select request_id from case_file where tracking = {value(chosen.code)}"
    return f"({number} or r.id in ({tracked}))"
