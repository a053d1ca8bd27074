"""Sessions of persons at pages. A row is named by the hash of what the browser holds: a copy opens none."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.database.connection import Connection
from shared.security.identity import Identity, parse_roles


@dataclass(frozen=True, slots=True)
class Session:
    """A person who came in; `renewed_at` is when the provider last vouched for the person.

    `refresh` is sealed, and so is `name`: what is kept of `who` has none.
    """

    id: bytes
    who: Identity
    refresh: bytes | None
    name: bytes | None
    renewed_at: datetime
    ends_at: datetime


async def insert(conn: Connection, session: Session) -> None:
    """A person came in; sessions that are over go."""
    await conn.execute("delete from session where ends_at <= $1", session.renewed_at)
    await conn.execute(
        "insert into session (id, subject, role, wilayah, refresh, name, renewed_at, ends_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        *(session.id, session.who.subject, session.who.role, session.who.wilayah),
        *(session.refresh, session.name, session.renewed_at, session.ends_at),
    )


async def find(conn: Connection, id: bytes, now: datetime) -> Session | None:  # noqa: A002
    """A session that is not over."""
    row = await conn.fetchrow(
        "select id, subject, role, wilayah, refresh, name, renewed_at, ends_at from session"
        " where id = $1 and ends_at > $2",
        *(id, now),
    )
    return _session(row) if row else None


async def claim(conn: Connection, session: Session, now: datetime, until: datetime) -> bool:
    """Take it upon this caller alone to renew a session as it was read; False when another has, or is at it.

    The update waits for another's row lock and then sees what that one wrote: of two tabs one uses the refresh token,
    which a provider takes once. A claim ends at `until`, so that one who died with it is followed by another.
    """
    mine = await conn.fetchval(
        "update session set renewing_until = $4 where id = $1 and renewed_at = $2"
        " and (renewing_until is null or renewing_until <= $3) returning true",
        *(session.id, session.renewed_at, now, until),
    )
    return mine is not None


async def renew(conn: Connection, session: Session) -> bool:
    """Keep what the provider said; False when the person has logged out meanwhile."""
    kept = await conn.fetchval(
        "update session set role = $2, wilayah = $3, refresh = $4, name = $5, renewed_at = $6, renewing_until = null"
        " where id = $1 returning true",
        *(session.id, session.who.role, session.who.wilayah, session.refresh, session.name, session.renewed_at),
    )
    return kept is not None


async def release(conn: Connection, id: bytes) -> None:  # noqa: A002
    """The renewal came to nothing; another may try."""
    await conn.execute("update session set renewing_until = null where id = $1", id)


async def end(conn: Connection, id: bytes) -> bytes | None:  # noqa: A002
    """The person is out; returns the sealed token of the provider's, if there was one."""
    refresh: bytes | None = await conn.fetchval("delete from session where id = $1 returning refresh", id)
    return refresh


def _session(row: asyncpg.Record) -> Session:
    who = Identity(row["subject"], parse_roles(row["role"]), row["wilayah"])
    return Session(row["id"], who, row["refresh"], row["name"], row["renewed_at"], row["ends_at"])
