"""Dead letters as an operator handles them: read, asked to be replayed, discarded, restored. None is deleted here.

A dead letter is open until it has a resolution. Whoever asks for something is written down, with the change and
in its transaction. `shared.messaging.dead_letter_replay` does what was asked.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from shared.contract.fields import DeadLetterReason
from shared.database.connection import Connection


class DiscardReason(StrEnum):
    """Why a dead letter need not be applied."""

    DUPLICATE = "duplicate"
    FOREIGN = "foreign"
    OBSOLETE = "obsolete"
    CORRECTED = "corrected"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was set aside; its value is read by `value_of` alone."""

    id: UUID
    handler: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: tuple[tuple[str, str], ...]
    """As text, cut: to be read. The record's own are those of `headers_of`."""
    size: int
    kept: int
    """Bytes of the value that are in the row, of `size`."""
    reason: DeadLetterReason
    detail: str
    recorded_at: datetime
    replay_requested_at: datetime | None
    resolved_at: datetime | None
    resolution: str | None
    attempts: int
    last_error: str | None
    by_whom: str | None
    event_id: str | None

    @property
    def cut(self) -> bool:
        """Whether the row holds less than the record did."""
        return self.kept < self.size

    @property
    def state(self) -> str:
        """open, asked, failed (again), or how it was resolved."""
        if self.resolution:
            return self.resolution
        if self.replay_requested_at:
            return "asked"
        return "failed" if self.attempts else "open"


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Which dead letters; those that are resolved only on request."""

    reason: DeadLetterReason | None = None
    handler: str = ""
    since: datetime | None = None
    resolved: bool = False


_COLUMNS = """
select id, handler, topic, partition, "offset", key, headers, size, coalesce(octet_length(value), 0) as kept, reason,
    detail, recorded_at, replay_requested_at, resolved_at, resolution, attempts, last_error, by_whom, event_id
from dead_letter
"""
_WANTED = """
where ($1::text is null or reason = $1) and starts_with(handler, $2)
  and ($3::timestamptz is null or recorded_at >= $3) and ($4 or resolved_at is null)
"""


def letter_of(row: asyncpg.Record) -> DeadLetter:
    """A row of `_COLUMNS`."""
    content = dict(row)
    content["headers"] = tuple((name, text) for name, text in json.loads(row["headers"]))
    content["reason"] = DeadLetterReason(row["reason"])
    return DeadLetter(**content)


def _terms(wanted: DeadLetterFilter) -> tuple[object, ...]:
    return wanted.reason, wanted.handler, wanted.since, wanted.resolved


async def page(conn: Connection, wanted: DeadLetterFilter, limit: int = 100) -> list[DeadLetter]:
    """The newest first."""
    rows = await conn.fetch(
        f"{_COLUMNS}{_WANTED} order by recorded_at desc, id desc limit $5", *_terms(wanted), limit
    )
    return [letter_of(row) for row in rows]


async def counts(conn: Connection, wanted: DeadLetterFilter) -> dict[str, int]:
    """How many there are, by reason."""
    rows = await conn.fetch(
        f"select reason, count(*) as n from dead_letter {_WANTED} group by reason order by n desc",  # noqa: S608
        *_terms(wanted),
    )
    return {row["reason"]: row["n"] for row in rows}


async def open_count(conn: Connection) -> int:
    """How many wait for a person."""
    return int(await conn.fetchval("select count(*) from dead_letter where resolved_at is null"))


async def ids_of(conn: Connection, wanted: DeadLetterFilter) -> list[UUID]:
    """All of them, in the order of their topic."""
    query = f'select id from dead_letter {_WANTED} order by topic, partition, "offset"'  # noqa: S608
    return [row["id"] for row in await conn.fetch(query, *_terms(wanted))]


async def find_by_id_suffix(conn: Connection, ending: str) -> list[DeadLetter]:
    """Those whose id is, or ends in, these hexadecimal digits; more than one when they do not tell enough."""
    if not re.fullmatch(r"[0-9a-f-]{4,36}", ending.lower()):
        return []
    rows = await conn.fetch(f"{_COLUMNS} where id::text like '%' || $1 order by id", ending.lower())
    return [letter_of(row) for row in rows]


async def load_all(conn: Connection, ids: Sequence[UUID]) -> list[DeadLetter]:
    """Those with these ids, in the order of their topic."""
    rows = await conn.fetch(f'{_COLUMNS} where id = any($1) order by topic, partition, "offset"', list(ids))
    return [letter_of(row) for row in rows]


async def value_of(conn: Connection, letter_id: UUID) -> bytes:
    """The value as far as it is kept: it may hold anything, personal data too."""
    return bytes(await conn.fetchval("select value from dead_letter where id = $1", letter_id) or b"")


async def headers_of(conn: Connection, letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    """The headers as the record had them; of a letter that version 0.1.0 set aside, as far as text can tell."""
    row = await conn.fetchrow("select names, contents from dead_letter_headers where id = $1", letter.id)
    if row is None:
        return [(name, text.encode()) for name, text in letter.headers]
    names = [name.decode(errors="surrogatepass") for name in row["names"]]
    return list(zip(names, row["contents"], strict=True))


async def about(conn: Connection, event_ids: Sequence[str], keys: Sequence[str]) -> list[DeadLetter]:
    """All that were one of these events, or had one of these keys, resolved or not, the oldest first."""
    rows = await conn.fetch(
        f"{_COLUMNS} where event_id = any($1) or key = any($2) order by recorded_at, id",
        *(event_ids, [key.encode() for key in keys]),
    )
    return [letter_of(row) for row in rows]


async def ask_replay(conn: Connection, ids: Sequence[UUID], by: str) -> list[UUID]:
    """Ask the service to apply open ones again; returns those that are asked for now. Call it in a transaction."""
    return await _change(
        conn,
        ids,
        by,
        "replay",
        "update dead_letter set replay_requested_at = clock_timestamp(), by_whom = $2"
        " where id = any($1) and resolved_at is null returning id",
    )


async def discard(conn: Connection, ids: Sequence[UUID], why: DiscardReason, by: str) -> list[UUID]:
    """Resolve open ones without applying them; the rows stay. Returns those. Call it in a transaction."""
    return await _change(
        conn,
        ids,
        by,
        f"discard {why}",
        "update dead_letter set resolved_at = clock_timestamp(), replay_requested_at = null, by_whom = $2,"
        " resolution = $3 where id = any($1) and resolved_at is null returning id",
        why,
    )


async def restore(conn: Connection, ids: Sequence[UUID], by: str) -> list[UUID]:
    """Open again what was discarded, as long as the row is there. Returns those. Call it in a transaction."""
    return await _change(
        conn,
        ids,
        by,
        "restore",
        "update dead_letter set resolved_at = null, resolution = null, by_whom = $2"
        " where id = any($1) and resolution = any($3) returning id",
        list(DiscardReason),
    )


async def _change(
    conn: Connection, ids: Sequence[UUID], by: str, action: str, statement: str, *more: object
) -> list[UUID]:
    changed = [row["id"] for row in await conn.fetch(statement, list(ids), by, *more)]
    for letter_id in changed:
        await record_action(conn, by, action, f"dead_letter {letter_id}")
    return changed


async def record_action(conn: Connection, by: str, action: str, about: str) -> None:
    """Write down who mended what."""
    await conn.execute("insert into mending (by_whom, action, about) values ($1, $2, $3)", by, action, about)


# What each of our own headers looks like. Whatever looks otherwise may be anything, a person's name too.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS = {
    "ce_specversion": re.compile(r"[0-9]\.[0-9]"),
    "ce_id": _UUID,
    "ce_correlationid": _UUID,
    "ce_causationid": _UUID,
    "ce_source": re.compile(r"/[a-z]{3,20}"),
    "ce_type": re.compile(r"id\.jemputbola\.[A-Za-z]{1,60}\.v[0-9]{1,3}"),
    "ce_time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|[+-][0-9:]{5})"),
    "ce_subject": re.compile(rf"{_UUID.pattern}|[0-9]{{2}}\.[0-9]{{2}}"),
    "ce_sequence": re.compile(r"[0-9]{1,9}"),
    "content-type": re.compile(r"application/json"),
    "traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
}


def harmless_headers(letter: DeadLetter) -> dict[str, str | None]:
    """Our own headers by name, None for the content of one that is not as we write it; strangers' are left out."""
    return {name: text if _OURS[name].fullmatch(text) else None for name, text in letter.headers if name in _OURS}


def harmless_key(letter: DeadLetter) -> str | None:
    """The key, if it is one of ours: an id or an office."""
    key = (letter.key or b"").decode(errors="replace")
    return key if _OURS["ce_subject"].fullmatch(key) else None
