"""The verdict: figures for build/faults.json and for the eye. Green only when every count of wrongs is zero."""

import json
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table

from lab.faults.mutants import Mutant

SHOWN = 10
"""Lines of each kind that are printed; the file has all."""


@dataclass
class Figures:
    """What faults of one name came to. Seconds."""

    times: int = 0
    overlapped: int = 0
    """How many of them were not alone."""
    longest_s: float = 0.0
    """From its beginning until its target answered again."""
    stall_s: float = 0.0
    """The longest time without an acknowledged command in which one of them was in play, alone or not."""

    def add(self, overlapped: bool, took: float, stall: float) -> None:
        """One more of them."""
        self.times += 1
        self.overlapped += overlapped
        self.longest_s = round(max(self.longest_s, took), 1)
        self.stall_s = round(max(self.stall_s, stall), 1)

    @property
    def cells(self) -> tuple[str, ...]:
        """A line of a table."""
        return str(self.times), str(self.overlapped), f"{self.longest_s:.1f}", f"{self.stall_s:.1f}"


COLUMNS = ("fault", "times", "overlapped", "longest, s", "longest stall, s")


@dataclass
class Verdict:
    """What a run came to. `broke` says why the story ended early; empty when it came to its end."""

    seed: int
    n: int
    cluster: int
    mutant: Mutant | None = None
    faults: dict[str, Figures] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    """Kinds of fault that this machine or user does not allow, and why."""
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

    @property
    def words(self) -> str:
        """The run in a sentence."""
        done, beside = (sum(getattr(each, what) for each in self.faults.values()) for what in ("times", "overlapped"))
        return (
            f"{done} faults, {beside} of them overlapping, in {self.duration_s:.0f} s, {self.cluster} broker(s),"
            f" seed {self.seed}, under {self.days} days of the story: {self.commands} commands, {self.cases} cases,"
            f" {self.facts} facts in {self.records} records"
        )

    def to_markdown(self) -> str:
        """For a page of the docs."""
        rows = [COLUMNS, ("---",) * len(COLUMNS), *((name, *f.cells) for name, f in sorted(self.faults.items()))]
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        counted = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in self.wrongs.items())
        skipped = "".join(f"Skipped {kind}: {why}. " for kind, why in self.skipped.items())
        return f"{self.words}.\n\n{counted}, alerts per crossing {self.alerts_per_crossing}. {skipped}\n\n{table}"

    def to_json(self) -> str:
        """For build/faults.json."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def show(self, console: Console) -> None:
        """Two tables, and the first of what is wrong."""
        done = Table(*COLUMNS)
        for name, figures in sorted(self.faults.items()):
            done.add_row(name, *figures.cells)
        found = Table("found", "count")
        for name, count in self.wrongs.items():
            found.add_row(name.replace("_", " "), str(count), style="red" if count else "green")
        per_crossing = self.alerts_per_crossing
        found.add_row("alerts per crossing", str(per_crossing), style="green" if per_crossing == 1 else "red")
        console.print(done, found)
        console.print(self.words, highlight=False)
        for kind, why in self.skipped.items():
            console.print(f"[yellow]- skipped {kind.replace('_', ' ')}:[/] {why}", highlight=False)
        for lines in self.details.values():
            for line in lines[:SHOWN]:
                console.print(f"[red]✕[/] {line}", highlight=False, soft_wrap=True)
        if self.broke:
            console.print(f"[red]✕ the story broke:[/] {self.broke}", highlight=False, markup=True)
        word = "[bold green]✓ nothing lost, nothing twice[/]" if self.green else "[bold red]✕ not reliable[/]"
        console.print(word)
