"""`outbox`: what the services stated and did not publish yet, and publishing again what the brokers lost."""

import asyncio
import time
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from ops.mend import reach
from ops.mend.words import brief, say, say_json, stamp, table
from ops.platform import PlatformError
from ops.system.running import Reachable
from ops.system.services import SERVICES
from shared.database.connection import Session
from shared.messaging import dead_letter_actions, outbox_replay, relay_status
from shared.messaging.relay_status import RelayStatus

app = App(name="outbox", help="What the services stated: published or not, and published again.")
console = Console()
OLD = 30.0
"""Seconds after which an unsent event means that nobody publishes."""


@app.command
def status(*, as_json: Annotated[bool, Parameter(name="--json", help="for programs", negative="")] = False) -> int:
    """By service: what is unsent and for how long, and who publishes. Exit code 1 when something is stuck."""

    async def look(service: str, conn: Session) -> RelayStatus:
        return await relay_status.status(conn)

    found, away = asyncio.run(reach.each(reach.system(), look))
    if as_json:
        say_json(console, found)
    else:
        _show(found)
    for error in away:
        say(Console(stderr=True), f"{error.problem}\n  → {error.remedy}", "bold red")
    stuck = {name: trouble for name, each in found.items() if (trouble := _trouble(each))}
    if not as_json:
        for name, trouble in stuck.items():
            say(console, f"✕ {name}: {trouble}", "red")
    return 1 if stuck or away else 0


def _show(found: dict[str, RelayStatus]) -> None:
    shown = table("Layanan", ">Belum terkirim", ">Tertua", ">Id terakhir", ">Disimpan", "Pemimpin sejak", "Ulang")
    for name, each in found.items():
        oldest = "-" if each.oldest is None else brief(each.oldest)
        leader = stamp(each.leading_since)[5:] if each.leading_since else "tidak ada"
        again = f"{each.to_replay} lagi" if each.replay_to else "-"
        shown.add_row(name, str(each.unsent), oldest, str(each.last_id), str(each.kept), leader, again)
    console.print(shown)
    marks = ", ".join(f"{name} {each.published} (lantai {each.floor})" for name, each in found.items())
    say(console, f"\nTanda terbit: {marks}", "dim")


def _trouble(each: RelayStatus) -> str:
    if each.leader is None:
        return "tidak ada yang menerbitkan. Apakah layanan berjalan? Lihat /health/ready dan lognya"
    if each.oldest is not None and each.oldest > OLD:
        return f"peristiwa tertua menunggu {brief(each.oldest)}. Periksa broker: `python -m ops doctor`"
    return ""


@app.command
def replay(
    *,
    service: Annotated[str, Parameter(help="whose outbox")],
    since: Annotated[str, Parameter(help='"2h", "3d", "2026-04-06", "2026-04-06T08:00+07:00"')],
    wait: Annotated[bool, Parameter(help="show the progress until all is published", negative="")] = False,
    timeout: Annotated[float, Parameter(help="seconds to wait at the most")] = 600,
    who: Annotated[str, Parameter(name="--as", help="in whose name; else this machine's user")] = "",
) -> int:
    """Publish again what a service stated since then, as after a broker lost its data; inboxes know repeats."""
    where = reach.system()
    if service not in SERVICES:
        raise PlatformError(f"tidak ada layanan {service}", f"pilih: {', '.join(SERVICES)}")
    return asyncio.run(_replay(where, service, since, reach.operator(who), timeout if wait else 0))


async def _replay(where: Reachable, service: str, since: str, by: str, patience: float) -> int:
    start = reach.moment(since)
    async with reach.database(where, service) as conn:
        async with conn.transaction():
            rows = await outbox_replay.request_replay(conn, start)
            await dead_letter_actions.record_action(
                conn, by, "outbox replay", f"since {start.isoformat()}, {rows} rows"
            )
        say(console, f"{service}: {rows} peristiwa sejak {stamp(start)} diminta diterbitkan lagi")
        if rows and patience:
            return await _progress(conn, service, patience)
    return 0


async def _progress(conn: Session, service: str, patience: float) -> int:
    until, said = time.monotonic() + patience, None
    while time.monotonic() < until:
        now = await relay_status.status(conn)
        if now.replay_to is None:
            say(console, f"{service}: semua sudah diterbitkan lagi", "green")
            return 0
        if now.to_replay not in (0, said):
            said = now.to_replay
            say(console, f"{service}: {said} lagi" + ("" if now.leader else "; belum ada yang menerbitkan"))
        await asyncio.sleep(0.5)
    say(
        console,
        f"{service}: belum selesai; diteruskan sendiri. `python -m ops outbox status` menunjukkannya",
        "yellow",
    )
    return 1
