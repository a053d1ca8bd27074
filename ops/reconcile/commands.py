"""The command `reconcile`."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console

from ops.paths import DEFAULT_DATA
from ops.reconcile.findings import Finding, Report

SHOWN = 10


def reconcile(
    *,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    rewind: Literal["requests", "dispatch", "inventory", "notify"] | None = None,
    since: datetime | None = None,
    advance: bool = False,
    cancel_orphans: bool = False,
) -> int:
    """Do the four databases and the topics agree? Says what is forgotten or orphaned, and what to do; 1 if anything.

    --rewind SERVICE [--since TIME]: a stopped service takes its topics again. --advance: restored services count on
    beyond what others have seen of them. --cancel-orphans: requests whose persons nobody knows any more are ended."""
    from ops.reconcile import advance as advancing
    from ops.reconcile import cancel_orphans as cancelling
    from ops.reconcile import comparison
    from ops.reconcile import rewind_consumers as rewinding
    from ops.system.discovery import find_system

    console, system = Console(), find_system(DEFAULT_DATA)
    if rewind:
        _tell(console, asyncio.run(rewinding.rewind_consumers(system, rewind, since)), "records to take again")
    elif advance:
        _tell(console, asyncio.run(advancing.advance(system)), "moved on")
    elif cancel_orphans:
        _tell(console, dict.fromkeys(asyncio.run(cancelling.cancel_orphans(system)), 1), "requests ended")
    else:
        report = asyncio.run(comparison.reconcile(system))
        _print(console, report, as_json=as_json)
        return 1 if report.findings else 0
    return 0


def _tell(console: Console, counts: dict[str, int], what: str) -> None:
    console.print(f"{sum(counts.values())} {what}", highlight=False)
    for name, count in counts.items():
        console.print(f"  {name}: {count}", highlight=False)


def _print(console: Console, report: Report, *, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(report.as_json()))
        return
    for finding in report.findings:
        _show(console, finding)
    if not report.topics_read:
        console.print("[yellow]the topics could not be read: only the databases were compared[/]")
    for name, count in report.under_way.items():
        console.print(f"[dim]still on its way, not judged: {name} {count}[/]", highlight=False)
    for name, keys in report.forgotten.items():
        console.print(f"[dim]on a topic, forgotten by who stated it: {len(keys)} {name}[/]", highlight=False)
    if not report.findings:
        console.print("[bold green]✓ the services agree[/]")


def _show(console: Console, finding: Finding) -> None:
    count = len(finding.things)
    console.print(f"[red]✕ {count} × {finding.kind}[/] [dim](lacking: {finding.lacks})[/]", highlight=False)
    for thing, said in [*finding.things.items()][:SHOWN]:
        console.print(f"    {thing} {said}", highlight=False, soft_wrap=True)
    if count > SHOWN:
        console.print(f"    ... {count - SHOWN} more with --json", highlight=False)
    console.print(f"    → {finding.remedy}", highlight=False, soft_wrap=True)
