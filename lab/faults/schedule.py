"""Plans which faults are injected in which order: a list shuffled by the seed and cut into rounds.

Within a round the faults overlap; after it everything must have recovered by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from random import Random

from lab.faults.mutants import Mutant
from ops.system import SERVICES


class FaultKind(StrEnum):
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
    RESTART = "restart"
    """The database shuts down, by its fast or its immediate way, and starts again."""
    LEAP = "leap"
    """Business time goes on by days at once, and what was done on those days is told late."""
    LOST = "lost"
    """One of three brokers is killed and away for half a minute."""
    CUT_OFF = "cut_off"
    """One of three brokers runs on, and its packets reach nobody."""
    DISK_FULL = "disk_full"
    """Nothing more can be written where the target has its data; then there is room again."""


POSTGRES, KAFKA, TIME = "postgres", "kafka", "time"
LONG = (FaultKind.LOST, FaultKind.CUT_OFF, FaultKind.DISK_FULL)
"""Those that last long."""
ROUND = 5
"""Faults between two moments at which all must be well."""
MOST_OF_A_LONG_KIND = 4
LONG_ONES = 4
"""What one of each long kind comes to: a full disk is one of a broker and one of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A kind of fault and its target: a service, `postgres`, `kafka` (a broker by `node`) or `time`."""

    kind: FaultKind
    target: str
    node: int = 0

    @property
    def name(self) -> str:
        """What it counts as."""
        return f"{self.kind} {self.target}".replace("_", " ")

    def __str__(self) -> str:
        return f"{self.name}-{self.node}" if self.node else self.name


def _each(kind: FaultKind, count: int, *targets: str) -> list[PlannedFault]:
    return [PlannedFault(kind, target) for target in targets for _ in range(count)]


# Kills are cheap and many; a pause takes as long as a session lasts, so there are few.
_ALL = [
    *_each(FaultKind.KILL, 4, *SERVICES),
    *_each(FaultKind.KILL, 5, POSTGRES, KAFKA),
    *_each(FaultKind.KILL_IN_BATCH, 2, "requests", "dispatch", "inventory"),
    *_each(FaultKind.KILL_IN_BATCH, 1, "notify"),
    *_each(FaultKind.KILL_IN_PAGE, 2, "requests", "dispatch"),
    *_each(FaultKind.KILL_IN_PAGE, 1, "inventory", "notify"),
    *_each(FaultKind.CUT_RELAY, 1, *SERVICES),
    *_each(FaultKind.REPLAY, 1, *SERVICES),
    *_each(FaultKind.PAUSE, 1, *SERVICES, POSTGRES, KAFKA),
    *_each(FaultKind.RESTART, 3, POSTGRES),
    *_each(FaultKind.LEAP, 2, TIME),
]
_AIMED = {
    Mutant.INBOX_OFF: _each(FaultKind.REPLAY, 2, *SERVICES)
    + _each(FaultKind.KILL_IN_BATCH, 1, "dispatch", "inventory"),
    Mutant.MARK_FIRST: _each(FaultKind.KILL_IN_PAGE, 2, "requests", "dispatch"),
    Mutant.ACK_FIRST: _each(FaultKind.KILL_IN_BATCH, 1, "requests", "dispatch", "inventory"),
}


_OTHERS = [kind for kind in FaultKind if kind not in (*LONG, FaultKind.RESTART, FaultKind.LEAP)]
FEWEST = LONG_ONES + len(_OTHERS) + 2
"""Faults of the shortest run that has each kind."""


def plan_faults(
    n: int, seed: int, cluster: int = 1, mutant: Mutant | None = None, without: Sequence[FaultKind] = ()
) -> list[list[PlannedFault]]:
    """`n` faults in rounds: the list again and again, each time shuffled; for a mutant only those that aim at it.

    From FEWEST on, long ones, as many as there are rounds for, but four of a kind at the most, open a round each; in
    a run of less than 20 the rounds are shorter, and each kind is done. Kinds that cannot be done here are left out,
    and others take their place.
    """
    random = Random(f"{seed}/deck")
    size = min(ROUND, n // LONG_ONES) if n >= FEWEST else ROUND
    long = (
        [] if mutant or n < FEWEST else [planned for planned in _long_ones(n, cluster) if planned.kind not in without]
    )
    short = _AIMED[mutant] if mutant else [planned for planned in _ALL if planned.kind not in without]

    def decks() -> Iterator[PlannedFault]:
        if long:
            # A short run has each of the rare kinds too, and a shorter one each kind.
            first = [*_each(FaultKind.RESTART, 1, POSTGRES), *_each(FaultKind.LEAP, 1, TIME)]
            if n < LONG_ONES * ROUND:
                first += [random.choice([planned for planned in short if planned.kind is kind]) for kind in _OTHERS]
            yield from random.sample(first, len(first))
        yield from chain.from_iterable(random.sample(short, len(short)) for _ in iter(int, 1))

    rest = islice(decks(), n - len(long))
    openings = dict(zip(random.sample(range(n // size), len(long)), long, strict=True)) if long else {}
    rounds = []
    for number in range(-(-n // size)):
        opening = [openings[number]] if number in openings else []
        planned_faults = [*opening, *islice(rest, min(size, n - number * size) - len(opening))]
        rounds.append([_placed(planned, cluster, random) for planned in planned_faults])
    return rounds


def _long_ones(n: int, cluster: int) -> list[PlannedFault]:
    many = max(1, min(n // (LONG_ONES * ROUND), MOST_OF_A_LONG_KIND))
    lost = [*_each(FaultKind.LOST, many, KAFKA), *_each(FaultKind.CUT_OFF, many, KAFKA)] if cluster > 1 else []
    return [*lost, *_each(FaultKind.DISK_FULL, 1, KAFKA, POSTGRES)]


def _placed(planned: PlannedFault, cluster: int, random: Random) -> PlannedFault:
    return (
        PlannedFault(planned.kind, planned.target, random.randint(1, cluster)) if planned.target == KAFKA else planned
    )
