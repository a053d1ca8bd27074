"""Identifiers: UUIDv7, so that they sort by the time they were made."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562): unique everywhere, ordered by time within a millisecond's grain."""
    return uuid7()
