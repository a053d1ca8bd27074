"""What a service can tell an operator of itself: is anything stuck, and which command mends it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from shared import clock
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.messaging import dead_letter_queue
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letter_queue import DeadLetter, DeadLetterFilter
from shared.messaging.relay_status import depth
from shared.running import RunningService
from shared.system_clock import utc_now

SENT_WITHIN = timedelta(seconds=60)
TICKS_WITHIN = timedelta(hours=2)
FAILURES = 3
DOCTOR, LAG = "python -m ops doctor", "python -m ops lag"
SHOWN = 5
"""Dead letters shown; how many there are is told beside them."""

Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago, in the largest unit that is not zero."""

    span: timedelta

    def say(self, t: Words) -> str:
        """In words."""
        seconds = max(0, int(self.span.total_seconds()))
        for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= length:
                return t(f"frame.ago_{unit}", n=seconds // length)
        return t("frame.ago_seconds", n=seconds) if seconds else t("frame.moment")


def ago(at: datetime) -> Age:
    """How long ago a moment is."""
    return Age(utc_now() - at)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that needs a hand: a word of the chapter `operasi` with its values, and the command that mends it."""

    word: str
    command: str
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, t: Words) -> str:
        """In words."""
        told = {name: v.say(t) if isinstance(v, Age) else v for name, v in self.values.items()}
        return t(f"operasi.{self.word}", **told)


@dataclass(frozen=True, slots=True)
class GroupState:
    """A consumer group as this process sees it; `lag` counts what its own partitions still hold."""

    name: str
    lag: int
    polled: Age | None
    failures: int


@dataclass(frozen=True)
class ServiceState:
    """All of it."""

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
        """What needs a hand, the gravest first."""
        groups = {group.name for group in self.groups}
        found = [
            Issue(
                "found_part", f"python -m ops {'lag' if name in groups else 'doctor'}", {"name": name, "state": said}
            )
            for name, said in self.parts.items()
            if said != "ok"
        ]
        if self.unsent and self.oldest.span > SENT_WITHIN:
            found.append(Issue("found_outbox", "python -m ops outbox status", {"age": self.oldest}))
        for group in self.groups:
            if group.failures >= FAILURES:
                values = {"group": group.name, "n": group.failures}
                found.append(Issue("found_retry", LAG, values))
        if self.letters_open:
            command = f"python -m ops dlq list --service {self.service}"
            found.append(Issue("found_letters", command, {"n": self.letters_open}))
        if self.clock is not None and (since := ago(self.clock)).span > TICKS_WITHIN:
            found.append(Issue("found_clock", DOCTOR, {"age": since}))
        return found


async def diagnose(running: RunningService) -> ServiceState:
    """The state of this service, also while its database or its broker is away."""
    parts = await running.state()
    groups = [_group(consumer) for consumer in running.service.consumers] if running.consuming else []
    try:
        async with running.ready_db.reading() as conn:
            return await _look(running.service.name, parts, groups, conn)
    except (*TRANSIENT_ERRORS, asyncpg.PostgresError):
        return ServiceState(running.service.name, parts, None, 0, Age(timedelta()), groups, [], 0)


def _group(consumer: Consumer) -> GroupState:
    silence = consumer.silence()
    polled = None if silence is None else Age(timedelta(seconds=silence))
    return GroupState(consumer.group, consumer.lag, polled, consumer.failures)


async def _look(name: str, parts: Mapping[str, str], groups: Sequence[GroupState], conn: Connection) -> ServiceState:
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
