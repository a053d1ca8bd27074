"""The wall clock. It serves tokens, retries and logs; business time comes with each command and event."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The moment by this machine, in UTC."""
    return datetime.now(UTC)
