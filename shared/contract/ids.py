"""Identifiers. Every id is a UUIDv7, so ids sort by the time at which they were made."""

from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as PlainUUID  # noqa: N811  a uuid.UUID, implemented in C
from uuid_utils import uuid7


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): globally unique, ordered by time with a resolution of one millisecond."""
    return PlainUUID(uuid7().bytes)
