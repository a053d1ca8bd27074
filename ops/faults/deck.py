"""Which faults are done, in which order: a deck of cards, shuffled by the seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from random import Random

from ops.faults.mutants import Mutant
from ops.system import SERVICES


class Kind(StrEnum):
    """What is done to the target."""

    KILL = "kill"
    """SIGKILL, and a start after a while."""
    KILL_IN_BATCH = "kill_in_batch"
    """SIGKILL of a service while a transaction of its consumers or commands is held up, then a start."""
    KILL_IN_PAGE = "kill_in_page"
    """SIGKILL of a service while the broker does not answer its relay, then a start."""
    CUT_RELAY = "cut_relay"
    """The relay's database session is ended."""
    REPLAY = "replay"
    """The relay is asked to publish everything again: all of it arrives twice."""
    PAUSE = "pause"
    """SIGSTOP for longer than the target's sessions last, then SIGCONT."""


POSTGRES, KAFKA = "postgres", "kafka"


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault and its target: a service, `postgres` or `kafka`."""

    kind: Kind
    target: str

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"


def _each(kind: Kind, count: int, *targets: str) -> list[Fault]:
    return [Fault(kind, target) for target in targets for _ in range(count)]


# Kills are cheap and many; a pause takes as long as a session lasts, so there are few.
_ALL = [
    *_each(Kind.KILL, 4, *SERVICES),
    *_each(Kind.KILL, 5, POSTGRES, KAFKA),
    *_each(Kind.KILL_IN_BATCH, 2, "requests", "dispatch", "inventory"),
    *_each(Kind.KILL_IN_BATCH, 1, "notify"),
    *_each(Kind.KILL_IN_PAGE, 2, "requests", "dispatch"),
    *_each(Kind.KILL_IN_PAGE, 1, "inventory", "notify"),
    *_each(Kind.CUT_RELAY, 1, *SERVICES),
    *_each(Kind.REPLAY, 1, *SERVICES),
    *_each(Kind.PAUSE, 1, *SERVICES, POSTGRES, KAFKA),
]
_AIMED = {
    Mutant.INBOX_OFF: _each(Kind.REPLAY, 2, *SERVICES) + _each(Kind.KILL_IN_BATCH, 1, "dispatch", "inventory"),
    Mutant.MARK_FIRST: _each(Kind.KILL_IN_PAGE, 2, "requests", "dispatch"),
    Mutant.ACK_FIRST: _each(Kind.KILL_IN_BATCH, 1, "requests", "dispatch", "inventory"),
}


def deal(n: int, seed: int, mutant: Mutant | None = None) -> list[Fault]:
    """`n` faults: whole decks after each other, each shuffled; for a mutant only those that aim at it."""
    random = Random(f"{seed}/deck")
    cards = _AIMED[mutant] if mutant else _ALL

    def decks() -> Iterator[list[Fault]]:
        while True:
            yield random.sample(cards, len(cards))

    return list(islice(chain.from_iterable(decks()), n))
