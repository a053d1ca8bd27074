"""The verdict: figures for build/faults.json and for the eye. Green only when every count of wrongs is zero."""

import json
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table

from ops.faults.mutants import Mutant

SHOWN = 10
"""Lines of each kind that are printed; the file has all."""


@dataclass
class Verdict:
    """What a run came to. `broke` says why the story ended early; empty when it came to its end."""

    seed: int
    n: int
    cluster: int
    mutant: Mutant | None = None
    faults: dict[str, int] = field(default_factory=dict)
    days: int = 0
    commands: int = 0
    requests: int = 0
    cases: int = 0
    facts: int = 0
    records: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    dead_letters: int = 0
    ledger_sum: int = 0
    """The sum of all balances, and every difference between a balance and its movements or its commands."""
    alerts_per_crossing: int = 0
    """The most alerts for one fall of an office; 0 when one of the falls brought none."""
    order_violations: int = 0
    duration_s: float = 0.0
    broke: str = ""
    details: dict[str, list[str]] = field(default_factory=dict)

    @property
    def green(self) -> bool:
        """Whether nothing is wrong."""
        return not (any(self.wrongs.values()) or self.broke) and self.alerts_per_crossing == 1

    @property
    def wrongs(self) -> dict[str, int]:
        """What must be zero."""
        names = ("lost", "doubled", "stuck", "dead_letters", "ledger_sum", "order_violations")
        return {name: getattr(self, name) for name in names}

    def to_json(self) -> str:
        """For build/faults.json."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def show(self, console: Console) -> None:
        """Two tables, and the first of what is wrong."""
        done = Table("fault", "times")
        for name, count in sorted(self.faults.items()):
            done.add_row(name.replace("_", " "), str(count))
        found = Table("found", "count")
        for name, count in self.wrongs.items():
            found.add_row(name.replace("_", " "), str(count), style="red" if count else "green")
        per_crossing = self.alerts_per_crossing
        found.add_row("alerts per crossing", str(per_crossing), style="green" if per_crossing == 1 else "red")
        console.print(done, found)
        console.print(
            f"{self.n} faults in {self.duration_s:.0f} s, under {self.days} days of the story:"
            f" {self.commands} commands, {self.cases} cases, {self.facts} facts in {self.records} records",
            highlight=False,
        )
        for lines in self.details.values():
            for line in lines[:SHOWN]:
                console.print(f"[red]✕[/] {line}", highlight=False, soft_wrap=True)
        if self.broke:
            console.print(f"[red]✕ the story broke:[/] {self.broke}", highlight=False, markup=True)
        word = "[bold green]✓ nothing lost, nothing twice[/]" if self.green else "[bold red]✕ not reliable[/]"
        console.print(word)
