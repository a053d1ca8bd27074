"""`outbox`: what the services have not published yet, and publishing again what the brokers lost."""

import asyncio
import time
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from ops.admin import connections
from ops.admin.output import duration, print_json, print_line, stamp, table
from ops.command_line import Flag, Json, Since, Who
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from ops.system.services import SERVICES
from shared.database.connection import Session
from shared.messaging import dead_letter_actions, outbox_replay, relay_status
from shared.messaging.relay_status import RelayStatus

app = App(name="outbox", help="The outboxes: what is unpublished, and publishing again.")
console = Console()
OLD = 30.0
"""Seconds after which an unsent event means that nobody publishes."""


@app.command
def status(*, as_json: Json = False) -> int:
    """By service: what is unsent and for how long, and who publishes. Exit code 1 when something is stuck."""

    async def look(service: str, conn: Session) -> RelayStatus:
        return await relay_status.status(conn)

    found, away = asyncio.run(connections.query_each(connections.running_system(), look))
    if as_json:
        print_json(console, found)
    else:
        _show(found)
    for error in away:
        print_line(Console(stderr=True), f"{error.problem}\n  → {error.remedy}", "bold red")
    stuck = {name: trouble for name, each in found.items() if (trouble := _trouble(each))}
    if not as_json:
        for name, trouble in stuck.items():
            print_line(console, f"✕ {name}: {trouble}", "red")
    return 1 if stuck or away else 0


def _show(found: dict[str, RelayStatus]) -> None:
    shown = table("Layanan", ">Belum terkirim", ">Tertua", ">Id terakhir", ">Disimpan", "Pemimpin sejak", "Ulang")
    for name, each in found.items():
        oldest = "-" if each.oldest is None else duration(each.oldest)
        leader = stamp(each.leading_since)[5:] if each.leading_since else "tidak ada"
        again = f"{each.to_replay} lagi" if each.replay_to else "-"
        shown.add_row(name, str(each.unsent), oldest, str(each.last_id), str(each.kept), leader, again)
    console.print(shown)
    marks = ", ".join(f"{name} {each.published} (lantai {each.floor})" for name, each in found.items())
    print_line(console, f"\nTanda terbit: {marks}", "dim")


def _trouble(each: RelayStatus) -> str:
    if each.leader is None:
        return "tidak ada yang menerbitkan. Apakah layanan berjalan? Lihat /health/ready dan lognya"
    if each.oldest is not None and each.oldest > OLD:
        return f"peristiwa tertua menunggu {duration(each.oldest)}. Periksa broker: `python -m ops doctor`"
    return ""


@app.command
def replay(
    *,
    service: Annotated[str, Parameter(help="whose outbox")],
    since: Since,
    wait: Flag = False,
    timeout: Annotated[float, Parameter(help="seconds to wait at the most")] = 600,
    who: Who = "",
) -> int:
    """Publish again what a service published since then, as after a broker lost its data; inboxes drop repeats."""
    where = connections.running_system()
    if service not in SERVICES:
        raise PlatformError(f"tidak ada layanan {service}", f"pilih: {', '.join(SERVICES)}")
    return asyncio.run(_replay(where, service, since, connections.operator(who), timeout if wait else 0))


async def _replay(where: Reachable, service: str, since: str, by: str, patience: float) -> int:
    start = connections.parse_time(since)
    async with connections.database(where, service) as conn:
        async with conn.transaction():
            rows = await outbox_replay.request_replay(conn, start)
            await dead_letter_actions.record_action(
                conn, by, "outbox replay", f"since {start.isoformat()}, {rows} rows"
            )
        print_line(console, f"{service}: {rows} peristiwa sejak {stamp(start)} diminta diterbitkan lagi")
        if rows and patience:
            return await _progress(conn, service, patience)
    return 0


async def _progress(conn: Session, service: str, patience: float) -> int:
    until, said = time.monotonic() + patience, None
    while time.monotonic() < until:
        now = await relay_status.status(conn)
        if now.replay_to is None:
            print_line(console, f"{service}: semua sudah diterbitkan lagi", "green")
            return 0
        if now.to_replay not in (0, said):
            said = now.to_replay
            print_line(console, f"{service}: {said} lagi" + ("" if now.leader else "; belum ada yang menerbitkan"))
        await asyncio.sleep(0.5)
    print_line(
        console,
        f"{service}: belum selesai; diteruskan sendiri. `python -m ops outbox status` menunjukkannya",
        "yellow",
    )
    return 1
