"""The state of a service for an operator: its issues, and the command that solves each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from shared import clock
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.health import readiness
from shared.messaging import dead_letter_queue
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letter_queue import DeadLetter, DeadLetterFilter
from shared.messaging.relay_status import depth
from shared.running import RunningService
from shared.system_clock import utc_now

MAX_UNSENT_AGE = timedelta(seconds=60)
MAX_CLOCK_AGE = timedelta(hours=2)
FAILURES = 3
"""Failed batches in a row that make an issue."""
DOCTOR, LAG = "python -m ops doctor", "python -m ops lag"
SHOWN = 5
"""Dead letters on the page, beside the number of all open ones."""

Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Age:
    """A time span, shown in the largest unit that is not zero."""

    span: timedelta

    def text(self, t: Words) -> str:
        """The text in the user's language."""
        seconds = max(0, int(self.span.total_seconds()))
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= length:
                return t(f"frame.ago_{unit}", n=seconds // length)
        return t("frame.ago_seconds", n=seconds) if seconds else t("frame.moment")


def ago(at: datetime) -> Age:
    """The time since `at`."""
    return Age(utc_now() - at)


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem for an operator: a text of the section `operasi` with its values, and the command that solves it."""

    word: str
    command: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, t: Words) -> str:
        """The text in the user's language."""
        values = {name: v.text(t) if isinstance(v, Age) else v for name, v in self.values.items()}
        return t(f"operasi.{self.word}", **values)


@dataclass(frozen=True, slots=True)
class GroupState:
    """A consumer group in this process. `lag` counts the events in its assigned partitions only."""

    name: str
    lag: int
    polled: Age | None
    failures: int


@dataclass(frozen=True)
class ServiceState:
    """The state of a service, as one of its processes sees it."""

    service: str
    parts: Mapping[str, str]
    clock: datetime | None
    unsent: int
    oldest: Age
    groups: Sequence[GroupState]
    letters: Sequence[DeadLetter]
    letters_open: int

    @property
    def findings(self) -> list[Issue]:
        """The issues, the most serious first."""
        groups = {group.name for group in self.groups}
        found = [
            Issue(
                "found_part", f"python -m ops {'lag' if name in groups else 'doctor'}", {"name": name, "state": said}
            )
            for name, said in self.parts.items()
            if said != "ok"
        ]
        if self.unsent and self.oldest.span > MAX_UNSENT_AGE:
            found.append(Issue("found_outbox", "python -m ops outbox status", {"age": self.oldest}))
        for group in self.groups:
            if group.failures >= FAILURES:
                values = {"group": group.name, "n": group.failures}
                found.append(Issue("found_retry", LAG, values))
        if self.letters_open:
            command = f"python -m ops dlq list --service {self.service}"
            found.append(Issue("found_letters", command, {"n": self.letters_open}))
        if self.clock is not None and (since := ago(self.clock)).span > MAX_CLOCK_AGE:
            found.append(Issue("found_clock", DOCTOR, {"age": since}))
        return found


async def diagnose(running: RunningService) -> ServiceState:
    """The state of this service. It is available while the database or the brokers are away too."""
    parts = await readiness.dependencies(running)
    groups = [_group(consumer) for consumer in running.service.consumers] if running.consuming else []
    try:
        async with running.ready_db.connection() as conn:
            return await _read(running.service.name, parts, groups, conn)
    except (*TRANSIENT_ERRORS, asyncpg.PostgresError):
        return ServiceState(running.service.name, parts, None, 0, Age(timedelta()), groups, [], 0)


def _group(consumer: Consumer) -> GroupState:
    silence = consumer.silence()
    polled = None if silence is None else Age(timedelta(seconds=silence))
    return GroupState(consumer.group, consumer.lag, polled, consumer.failures)


async def _read(name: str, parts: Mapping[str, str], groups: Sequence[GroupState], conn: Connection) -> ServiceState:
    unsent, age = await depth(conn)
    return ServiceState(
        service=name,
        parts=parts,
        clock=await clock.now(conn),
        unsent=unsent,
        oldest=Age(timedelta(seconds=age)),
        groups=groups,
        letters=await dead_letter_queue.page(conn, DeadLetterFilter(), SHOWN),
        letters_open=await dead_letter_queue.open_count(conn),
    )
