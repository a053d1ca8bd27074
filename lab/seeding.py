"""The first `make up`: a simulation of the days before today, so that every page has content.

A note in the database's own folder says how far it came: data that are restored from an archive bring theirs. Only
data that a simulation alone has written are ever removed: once `up` has run on them, the note says so.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
from rich.console import Console
from rich.markup import escape

from lab.display import Progress
from lab.simulate import CITIES, City, Story, judge, simulate
from ops.formatting import number
from ops.platform import Platform, PostgresServer, clean_all
from ops.system import SERVICES, System
from shared import clock
from shared.reference.offices import Offices
from shared.security.auth import Role
from shared.system_clock import utc_now

DAYS = 30
CITY = CITIES["rejang-lebong"]
BEGUN, USED = "begun", "used"
AGAIN = "`make clean`, lalu `make up`"


def seed(console: Console, data: Path, days: int = DAYS) -> None:
    """Simulate the `days` days up to yesterday where the folder holds no data yet; with 0 days do nothing.

    Nothing runs when it returns. A simulation that fails is told, and leaves the folder empty.
    Raises PlatformError when the system does not start, or runs already.
    """
    note = note_of(data)
    state = note.read_text() if note.exists() else ""
    if state == BEGUN:
        clean_all(data)
        console.print("Simulasi sebelumnya terhenti di tengah jalan; datanya dihapus.")
    if not days:
        console.print("Tanpa simulasi (EMPTY=1).")
    elif state == USED:
        _say_used(console)
    elif Platform(data).is_given:
        console.print("Tanpa simulasi: PostgreSQL atau Kafka ini bukan milik klon ini.")
    else:
        _simulate_where_empty(console, data, days)


def mark_used(data: Path) -> None:
    """From now on the data of this folder are somebody's. Servers that are given from outside have no note."""
    if not Platform(data).is_given:
        note_of(data).write_text(USED)


def note_of(data: Path) -> Path:
    """The file that says how far a simulation came: "begun", or "used" where data may be more than a simulation's."""
    return PostgresServer(data / "postgres").data / "seeding.state"


def _simulate_where_empty(console: Console, data: Path, days: int) -> None:
    failure: Exception | None = None
    with System(data, console=console) as system:
        if asyncio.run(_has_data(system)):
            _say_used(console)
            return
        note_of(data).write_text(BEGUN)
        try:
            story = _simulated(console, system, days)
        except KeyboardInterrupt:
            console.print("Simulasi terhenti; `make up` memulainya lagi, `EMPTY=1 make up` melewatinya.")
            raise
        # Whatever it is: a story that cannot be told is no reason not to run the system.
        except Exception as error:
            failure = error
    if failure is None:
        mark_used(data)
        _say_story(console, story)
    else:
        clean_all(data)
        console.print(f"[bold red]Simulasi gagal:[/] {escape(str(failure) or repr(failure))}", soft_wrap=True)
        console.print(f"  → sistem tetap dimulai, tanpa data; untuk mencoba lagi: {AGAIN}")


def _say_used(console: Console) -> None:
    console.print(f"Data yang sudah ada dipakai, tanpa simulasi baru (mulai lagi dari awal: {AGAIN}).")


def _say_story(console: Console, story: Story) -> None:
    console.print(
        f"{len(story.days)} hari disimulasikan: {number(story.requests)} surat, {number(story.total('visits'))}"
        f" kunjungan, {number(story.total('prints'))} cetakan, stok {number(story.on_hand)} blanko.",
        highlight=False,
    )
    for problem in judge(story).problems:
        console.print(f"[bold red]✕[/] {problem}", highlight=False)


async def _has_data(system: System) -> bool:
    """Whether a service's business clock was ever set: nothing is done before it is."""
    for name in SERVICES:
        conn = await asyncpg.connect(system.dsn(name))
        try:
            if await clock.now(conn) is not None:
                return True
        finally:
            await conn.close()
    return False


def _simulated(console: Console, system: System, days: int) -> Story:
    today = Offices.load()[CITY.office].day_of(utc_now())
    city = replace(CITY, first_day=today - timedelta(days=days))
    console.print(f"Mensimulasikan {days} hari terakhir {city.name} (`EMPTY=1 make up` melewatinya) ...")
    with Progress(console, days) as progress:
        return asyncio.run(_run(system, city, days, progress))


async def _run(system: System, city: City, days: int, progress: Progress) -> Story:
    story = await simulate(system, city, days=days, watcher=progress)
    await _unsubscribe(system, city)
    return story


async def _unsubscribe(system: System, city: City) -> None:
    """The province's receiver was the simulation's own, and is gone with it."""
    headers = {"Authorization": f"Bearer {system.token(Role.PROVINCIAL, city.province)}"}
    async with httpx.AsyncClient(base_url=system.url("notify"), headers=headers, timeout=20) as http:
        found = (await http.get("/subscriptions")).raise_for_status().json()["items"]
        for each in found:
            (await http.delete(f"/subscriptions/{each['subscription_id']}")).raise_for_status()
