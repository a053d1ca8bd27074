"""`lag`: what is written and not published, what is published and not consumed, and who would consume it."""

import asyncio
import time
from dataclasses import dataclass

from rich.console import Console

from ops.admin import connections
from ops.admin.consumer_groups import Group, clients, groups
from ops.admin.output import duration, print_json, print_line, table
from ops.command_line import Flag, Json
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from shared.database.connection import Session
from shared.messaging.relay_status import backlog

console = Console()
EVERY = 2.0


@dataclass(frozen=True)
class Outstanding:
    """Unpublished events by service, the groups, and what did not answer."""

    unpublished: dict[str, int]
    groups: list[Group]
    away: list[PlatformError]


def lag(watch: Flag = False, as_json: Json = False) -> int:
    """What is unpublished and what is not consumed yet, by whom, and for how long it waits.

    --watch repeats it each two seconds until Ctrl-C. Exit code 1 when something does not answer.
    """
    where = connections.running_system()
    while True:
        found = asyncio.run(_look(where))
        if as_json:
            content = [{**each.__dict__, "lag": each.lag, "trouble": each.trouble} for each in found.groups]
            print_json(console, {"unpublished": found.unpublished, "groups": content})
        else:
            _show(found)
        for error in found.away:
            print_line(Console(stderr=True), f"{error.problem}\n  → {error.remedy}", "bold red")
        if not watch:
            return 1 if found.away else 0
        time.sleep(EVERY)
        console.rule(style="dim")


async def _look(where: Reachable) -> Outstanding:
    async def unsent(service: str, conn: Session) -> int:
        return (await backlog(conn)).unsent

    async def taken() -> list[Group] | PlatformError:
        try:
            async with clients(where) as (admin, reader):
                return await groups(admin, reader)
        except PlatformError as error:
            return error

    (unpublished, away), members = await asyncio.gather(connections.query_each(where, unsent), taken())
    if isinstance(members, PlatformError):
        return Outstanding(unpublished, [], [*away, members])
    return Outstanding(unpublished, members, away)


def _show(found: Outstanding) -> None:
    unsent = ", ".join(f"{name} {count}" for name, count in found.unpublished.items())
    print_line(console, f"Belum diterbitkan: {unsent}\n", "bold")
    shown = table("Grup", "Keadaan", ">Anggota", ">Partisi", ">Tertinggal", ">Tertua")
    for group in found.groups:
        oldest = "-" if group.oldest is None else duration(group.oldest)
        row = (group.name, group.state, str(len(group.members)), str(group.held), str(group.lag), oldest)
        shown.add_row(*row, style="red" if group.trouble else None)
    console.print(shown)
    for group in found.groups:
        for member in group.members:
            print_line(
                console,
                f"  {group.name}: {member.client} di {member.host} memegang {ranges(member.partitions)}",
                "dim",
            )
    for group in found.groups:
        if group.uncommitted:
            said = f"belum pernah menyimpan posisi di partisi {ranges(group.uncommitted)}"
            print_line(console, f"  {group.name}: {said}; mulai dari peristiwa tertua", "dim")
        if group.trouble:
            print_line(console, f"✕ {group.name}: {group.trouble}", "red")


def ranges(numbers: tuple[int, ...]) -> str:
    """0-3, 7: what a member holds."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and runs[-1][-1] == n - 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "tidak ada"
