"""Identifiers: UUIDv7, so that they sort by the time they were made."""

from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as PlainUUID  # noqa: N811  a uuid.UUID, made and written out in C
from uuid_utils import uuid7


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): unique everywhere, ordered by time within a millisecond's grain."""
    return PlainUUID(uuid7().bytes)
