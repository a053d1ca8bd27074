"""The error policy of periodic tasks."""

import asyncio
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from shared.database.periodic import PeriodicTask
from shared.database.pool import Database

NO_DATABASE = cast(Database, None)


def failing(*errors: BaseException) -> Any:
    """A run that raises these errors, one after the other."""
    left = iter(errors)

    async def run(db: Database) -> None:
        raise next(left)

    return run


async def test_a_transient_error_is_logged_and_retried() -> None:
    task = PeriodicTask("sweep", 0, failing(OSError(), TimeoutError(), ValueError()))
    with capture_logs() as lines, pytest.raises(ValueError):  # noqa: PT011  the third error is not transient
        await task(NO_DATABASE)
    assert [(line["event"], line["log_level"], line["error"]) for line in lines] == [
        ("sweep failed", "warning", "OSError"),
        ("sweep failed", "warning", "TimeoutError"),
    ]


async def test_retry_on_exception_ends_only_by_cancellation() -> None:
    task = PeriodicTask("tick", 0, failing(ValueError(), asyncio.CancelledError()), retry_on=(Exception,))
    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await task(NO_DATABASE)
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("tick failed", "error")
    assert isinstance(line["exc_info"], ValueError)


async def test_an_error_that_is_named_is_a_warning() -> None:
    task = PeriodicTask("sweep", 0, failing(KeyError(), asyncio.CancelledError()), retry_on=(LookupError,))
    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await task(NO_DATABASE)
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("sweep failed", "warning")


def test_a_failed_run_is_repeated_within_a_minute() -> None:
    daily, frequent = (PeriodicTask("sweep", every, failing()) for every in (86_400, 5))
    assert (daily.pause(failing=False), daily.pause(failing=True)) == (86_400, 60)
    assert (frequent.pause(failing=False), frequent.pause(failing=True)) == (5, 5)
