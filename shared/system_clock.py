"""The system clock, for tokens, retries and logs. Business time comes with each command and event."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time of this machine, in UTC."""
    return datetime.now(UTC)
