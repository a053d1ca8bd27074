"""What is wrong, in words that name the thing by its id."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lab.faults.snapshots import Counts


@dataclass
class Findings:
    """Each line is one thing that is lost, there twice, or not where it must be."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    complete: bool = True
    """Whether every fact is on its topic: else what nobody asked for may only lack its fact."""

    def compare(self, what: str, expected: Iterable[tuple[str, ...]], found: Counts, *, more: bool = False) -> None:
        """Hold what must be there once against what is there. What nobody expected is taken for a double of
        something, unless there may be `more`."""
        wanted = Counter(expected)
        for identity, count in wanted.items():
            if found[identity] < count:
                self.lost.append(f"{what} {' '.join(identity)}")
            elif found[identity] > count:
                self.doubled.append(f"{what} {' '.join(identity)} ({found[identity]} times)")
        if self.complete and not more:
            self.doubled += [f"{what} {' '.join(identity)} (unasked)" for identity in found if identity not in wanted]
