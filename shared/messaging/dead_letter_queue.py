"""Queries on the dead letters of a database. A dead letter is open until it has a resolution.

`shared.messaging.dead_letter_actions` changes dead letters; `shared.messaging.dead_letter_replay` replays them.
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
    """A dead-lettered message without its value, which only `value_of` reads."""

    id: UUID
    handler: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: tuple[tuple[str, str], ...]
    """Headers as shortened text, for display. `headers_of` reads the original ones."""
    size: int
    kept: int
    """Stored bytes of the value; `size` is the number of bytes that the record had."""
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
        """Whether the row holds only a part of the value."""
        return self.kept < self.size

    @property
    def state(self) -> str:
        """The resolution; or "asked" for a replay, "failed" after a failed replay, else "open"."""
        if self.resolution:
            return self.resolution
        if self.replay_requested_at:
            return "asked"
        return "failed" if self.attempts else "open"


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Selects dead letters. `handler` is a prefix. Resolved ones are included only with `resolved`."""

    reason: DeadLetterReason | None = None
    handler: str = ""
    since: datetime | None = None
    resolved: bool = False


_COLUMNS = """
select id, handler, topic, partition, "offset", key, headers, size, coalesce(octet_length(value), 0) as kept, reason,
    detail, recorded_at, replay_requested_at, resolved_at, resolution, attempts, last_error, by_whom, event_id
from dead_letter
"""
_SELECTED = """
where ($1::text is null or reason = $1) and starts_with(handler, $2)
  and ($3::timestamptz is null or recorded_at >= $3) and ($4 or resolved_at is null)
"""


def _letter(row: asyncpg.Record) -> DeadLetter:
    """A row of `_COLUMNS`."""
    content = dict(row)
    content["headers"] = tuple((name, text) for name, text in json.loads(row["headers"]))
    content["reason"] = DeadLetterReason(row["reason"])
    return DeadLetter(**content)


def _parameters(selected: DeadLetterFilter) -> tuple[object, ...]:
    return selected.reason, selected.handler, selected.since, selected.resolved


async def page(conn: Connection, selected: DeadLetterFilter, limit: int = 100) -> list[DeadLetter]:
    """The newest `limit` dead letters, newest first."""
    rows = await conn.fetch(
        f"{_COLUMNS}{_SELECTED} order by recorded_at desc, id desc limit $5", *_parameters(selected), limit
    )
    return [_letter(row) for row in rows]


async def counts(conn: Connection, selected: DeadLetterFilter) -> dict[str, int]:
    """The number of dead letters by reason."""
    rows = await conn.fetch(
        f"select reason, count(*) as n from dead_letter {_SELECTED} group by reason order by n desc",  # noqa: S608
        *_parameters(selected),
    )
    return {row["reason"]: row["n"] for row in rows}


async def open_count(conn: Connection) -> int:
    """The number of open dead letters."""
    return int(await conn.fetchval("select count(*) from dead_letter where resolved_at is null"))


async def ids_of(conn: Connection, selected: DeadLetterFilter) -> list[UUID]:
    """The ids of all selected dead letters, in the order of topic, partition and offset."""
    query = f'select id from dead_letter {_SELECTED} order by topic, partition, "offset"'  # noqa: S608
    return [row["id"] for row in await conn.fetch(query, *_parameters(selected))]


async def find_by_id_suffix(conn: Connection, ending: str) -> list[DeadLetter]:
    """The dead letters whose id ends with these hexadecimal digits; several when the suffix is ambiguous."""
    if not re.fullmatch(r"[0-9a-f-]{4,36}", ending.lower()):
        return []
    rows = await conn.fetch(f"{_COLUMNS} where id::text like '%' || $1 order by id", ending.lower())
    return [_letter(row) for row in rows]


async def load_all(conn: Connection, ids: Sequence[UUID]) -> list[DeadLetter]:
    """The dead letters with these ids, in the order of topic, partition and offset."""
    rows = await conn.fetch(f'{_COLUMNS} where id = any($1) order by topic, partition, "offset"', list(ids))
    return [_letter(row) for row in rows]


async def value_of(conn: Connection, letter_id: UUID) -> bytes:
    """The stored bytes of the value. They may contain personal data."""
    return bytes(await conn.fetchval("select value from dead_letter where id = $1", letter_id) or b"")


async def headers_of(conn: Connection, letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    """The original headers. A dead letter of version 0.1.0 has only their text."""
    row = await conn.fetchrow("select names, contents from dead_letter_headers where id = $1", letter.id)
    if row is None:
        return [(name, text.encode()) for name, text in letter.headers]
    names = [name.decode(errors="surrogatepass") for name in row["names"]]
    return list(zip(names, row["contents"], strict=True))


async def find_by_event_or_key(conn: Connection, event_ids: Sequence[str], keys: Sequence[str]) -> list[DeadLetter]:
    """The dead letters of these events, or with these record keys, resolved or not, oldest first."""
    rows = await conn.fetch(
        f"{_COLUMNS} where event_id = any($1) or key = any($2) order by recorded_at, id",
        *(event_ids, [key.encode() for key in keys]),
    )
    return [_letter(row) for row in rows]
