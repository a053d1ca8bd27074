"""Findings: things by their ids, who lacks them, and the remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind of disagreement. `lacks` is the service that does not know; `flow` the consumer group that would
    bring it, if one does; `things` maps ids to what else is known of each."""

    kind: str
    lacks: str
    remedy: str
    things: Mapping[str, str]
    flow: str | None = None

    def both(self, other: "Finding | None") -> "Finding":
        """Only what the other comparison found too."""
        kept = {thing: said for thing, said in self.things.items() if other is not None and thing in other.things}
        return Finding(self.kind, self.lacks, self.remedy, kept, self.flow)


@dataclass
class Report:
    """All findings that are not empty; what is on its way, by outbox and group; what was forgotten for good, by
    type: facts that topics hold and the service that stated them does not know any more."""

    findings: list[Finding] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=dict)
    forgotten: dict[str, tuple[str, ...]] = field(default_factory=dict)
    topics_read: bool = True

    def of(self, kind: str) -> Finding | None:
        """The finding of a kind."""
        return next((finding for finding in self.findings if finding.kind == kind), None)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "findings": [
                {
                    "kind": finding.kind,
                    "lacks": finding.lacks,
                    "count": len(finding.things),
                    "things": dict(finding.things),
                    "remedy": finding.remedy,
                }
                for finding in self.findings
            ],
            "under_way": self.under_way,
            "forgotten": self.forgotten,
            "topics_read": self.topics_read,
        }


def lacking(
    kind: str, lacks: str, remedy: str, there: Mapping[str, str], here: Iterable[str], flow: str | None = None
) -> Finding:
    """What is `there` and not `here`."""
    known = frozenset(here)
    return Finding(kind, lacks, remedy, {k: said for k, said in there.items() if k not in known}, flow)
