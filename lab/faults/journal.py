"""The journal: every acknowledged command and every fault, one JSON line each, written before anybody goes on.

It holds ids, codes and counts only: whatever else a command carries, a name or a NIK, stays out.
"""

import json
import re
import time
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid5

from lab.simulate import Command
from lab.simulate.service_client import NAMESPACE

GIVEN = ("print_id", "station", "outcome", "quantity", "place", "document")
ANSWERED = ("request_id", "case_id", "case_ids", "cases", "stage", "shipment_id")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CODE = "tracking"
"""Whoever has it sees where a case stands: it stays out too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An acknowledged command: `route` is its path without the ids, `subject` the last id in its path."""

    service: str
    route: str
    subject: str
    key: str
    at: str
    given: Mapping[str, Any] = field(default_factory=dict)
    answered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """The business time of the command."""
        return datetime.fromisoformat(self.at)


class Journal:
    """Appends to a file; what is in it counts as promised to the caller."""

    def __init__(self, path: Path, seed: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.entries: list[Entry] = []
        self.beats: list[float] = []
        """When each command was acknowledged, by the monotonic clock."""
        self._seed = seed
        self._file: TextIO = path.open("w")

    def acknowledged(self, command: Command, answer: Any) -> None:
        """A service said yes."""
        parts = command.path.strip("/").split("/")
        ids = [part for part in parts if _ID.fullmatch(part)]
        subject = ids[-1] if ids else parts[1] if len(parts) == 3 else ""
        entry = Entry(
            service=command.service,
            route="/".join(part for part in parts if part not in (*ids, subject)),
            subject=subject,
            key=str(uuid5(NAMESPACE, f"{self._seed}/{command.what}")),
            at=command.at.isoformat(),
            given={name: value for name, value in command.body.items() if name in GIVEN},
            answered={name: _without_code(value) for name, value in answer.items() if name in ANSWERED},
        )
        self.entries.append(entry)
        self.beats.append(time.monotonic())
        self._write(asdict(entry))

    def fault(self, name: str, began: float, ended: float) -> None:
        """A fault was done; seconds since the start."""
        self._write({"fault": name, "began": round(began, 3), "ended": round(ended, 3)})

    def stalled(self, waits_for: str, for_seconds: float) -> None:
        """The workload makes no progress, and what it waits for."""
        self._write({"stands_still": round(for_seconds, 1), "waits_for": waits_for})

    def stall(self, began: float, ended: float) -> float:
        """The longest time without an acknowledged command that touches this span, in seconds."""
        around = self.beats[max(bisect(self.beats, began) - 1, 0) : bisect(self.beats, ended) + 1]
        return max((after - before for before, after in pairwise(around)), default=0.0)

    def of(self, service: str, route: str) -> Iterator[Entry]:
        """The commands of a route, in the order in which they were acknowledged."""
        return (entry for entry in self.entries if (entry.service, entry.route) == (service, route))

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, default=str) + "\n")
        self._file.flush()


def _without_code(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [{name: each[name] for name in each if name != CODE} if isinstance(each, dict) else each for each in value]
