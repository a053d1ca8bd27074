"""The command `reconcile`."""

import json
from datetime import datetime
from typing import Literal

from rich.console import Console

from ops.command_line import Flag, Json
from ops.paths import DEFAULT_DATA
from ops.reconcile import advance as advancing
from ops.reconcile import comparison
from ops.reconcile.cancel_orphans import cancel_orphans as cancel
from ops.reconcile.findings import Finding, Report
from ops.reconcile.rewind_consumers import rewind_consumers
from ops.system.discovery import find_system

SHOWN = 10
console = Console()


async def reconcile(
    *,
    as_json: Json = False,
    rewind: Literal["requests", "dispatch", "inventory", "notify"] | None = None,
    since: datetime | None = None,
    advance: Flag = False,
    cancel_orphans: Flag = False,
) -> int:
    """Do the four databases and the topics agree? Says what is forgotten or orphaned, and what to do; 1 if anything.

    --rewind SERVICE [--since TIME]: a stopped service consumes its topics again. --advance: restored services count
    on beyond what others have seen of them. --cancel-orphans: requests whose persons nobody knows any more end.
    """
    system = find_system(DEFAULT_DATA)
    if rewind:
        _show_counts(await rewind_consumers(system, rewind, since), "peristiwa akan diambil lagi")
    elif advance:
        _show_counts(await advancing.advance(system), "dimajukan")
    elif cancel_orphans:
        _show_counts(dict.fromkeys(await cancel(system), 1), "permohonan diakhiri")
    else:
        report = await comparison.reconcile(system)
        _show_report(report, as_json=as_json)
        return 1 if report.findings else 0
    return 0


def _show_counts(counts: dict[str, int], what: str) -> None:
    console.print(f"{sum(counts.values())} {what}", highlight=False)
    for name, count in counts.items():
        console.print(f"  {name}: {count}", highlight=False)


def _show_report(report: Report, *, as_json: bool) -> None:
    if as_json:
        console.print_json(json.dumps(report.as_json()))
        return
    for finding in report.findings:
        _show_finding(finding)
    if not report.topics_read:
        console.print("[yellow]topik tidak terbaca: hanya database yang dibandingkan[/]")
    for name, count in report.under_way.items():
        console.print(f"[dim]masih dalam perjalanan, tidak dinilai: {name} {count}[/]", highlight=False)
    for name, keys in report.forgotten.items():
        console.print(f"[dim]ada di topik, dilupakan penerbitnya: {len(keys)} {name}[/]", highlight=False)
    if not report.findings:
        console.print("[bold green]✓ keempat layanan sepakat[/]")


def _show_finding(finding: Finding) -> None:
    count = len(finding.things)
    console.print(f"[red]✕ {count} × {finding.kind}[/] [dim](tidak tahu: {finding.lacks})[/]", highlight=False)
    for thing, said in [*finding.things.items()][:SHOWN]:
        console.print(f"    {thing} {said}", highlight=False, soft_wrap=True)
    if count > SHOWN:
        console.print(f"    ... {count - SHOWN} lagi dengan --json", highlight=False)
    console.print(f"    → {finding.remedy}", highlight=False, soft_wrap=True)
