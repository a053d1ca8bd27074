"""The whole story in one terminal: a fresh system, thirty days of an office, and the proof that all adds up."""

import asyncio
import time

from rich.console import Console
from rich.table import Table

from lab.display import Display
from lab.report.page import render
from lab.simulate import CITIES, City, Story, judge, simulate
from lab.simulate.outcome.verdict import to_json
from ops.formatting import LEVELS, moment, number, weekday
from ops.paths import BUILD, DEFAULT_DATA
from ops.platform import PlatformError
from ops.system import System
from shared.reference.offices import Offices
from shared.web.words import words_in


def city_named(key: str) -> City:
    """Raises PlatformError naming the cities there are."""
    if key not in CITIES:
        raise PlatformError(f"no city is called {key}", f"choose one of {', '.join(sorted(CITIES))}")
    return CITIES[key]


def tell(console: Console, city: City, days: int, seed: int, name: str) -> Story:
    """Run a simulation on a fresh system of its own; write build/<name>.json and build/<name>.html."""
    began = time.monotonic()
    # A folder of its own: the data of `up` stay, and every run starts from nothing.
    with System(DEFAULT_DATA / "simulation", fresh=True, console=console) as system:
        console.print(
            f"[dim]Sistem siap dalam {time.monotonic() - began:.1f} s: PostgreSQL, Kafka, empat layanan.[/]"
        )
        began = time.monotonic()
        with Display(console, city, Offices.load()[city.office]) as display:
            story = asyncio.run(simulate(system, city, days=days, seed=seed, watcher=display))
        console.print(
            f"[dim]{days} hari dalam {time.monotonic() - began:.1f} s, {number(story.commands)} perintah.[/]"
        )
    BUILD.mkdir(exist_ok=True)
    (BUILD / f"{name}.json").write_text(to_json(story))
    (BUILD / f"{name}.html").write_text(render(story))
    return story


def demo(console: Console, seed: int = 1) -> int:
    """Tell the story of Rejang Lebong; 0 when everything adds up, 1 with what does not."""
    return told(console, CITIES["rejang-lebong"], 30, seed, "demo")


def told(console: Console, city: City, days: int, seed: int, name: str) -> int:
    """Tell a city's story and what it came to; 0 when everything adds up, 1 with what does not."""
    story = tell(console, city, days, seed, name)
    show(console, story)
    show_letters(console, story)
    verdict = judge(story)
    for problem in verdict.problems:
        console.print(f"[bold red]✕[/] {problem}")
    if not verdict.problems:
        console.print("[bold green]✓ Buku besar seimbang; tidak ada yang hilang, tidak ada yang ganda.[/]")
        console.print("  [dim]The ledger balances: nothing lost, nothing twice.[/]")
    for line in verdict.under_way:
        console.print(f"[dim]… masih berjalan:[/] {line}", highlight=False)
    shown = BUILD / f"{name}.html"
    console.print(f"Laporan: [link={shown.as_uri()}]{shown.relative_to(BUILD.parent)}[/link], build/{name}.json")
    return 1 if verdict.problems else 0


def show(console: Console, story: Story) -> None:
    """The ledger by week, and the alerts."""
    table = Table(title=f"Buku besar blanko, {story.office_name}", title_justify="left", show_footer=True)
    weeks: dict[str, list[int]] = {}
    for day in story.days:
        monday = weekday(story.days[(story.days.index(day) // 7) * 7].day)
        week = weeks.setdefault(monday, [day.opening, 0, 0, 0, 0])
        for n, value in enumerate((day.received, day.printed, day.spoiled), start=1):
            week[n] += value
        week[4] = day.closing
    totals = (0, story.total("received"), story.total("printed"), story.total("spoiled"), story.on_hand)
    signs = ("Awal", "+ Masuk", "− Tercetak", "− Rusak", "= Akhir")
    table.add_column("Pekan dari", footer="Jumlah")
    for sign, total in zip(signs, totals, strict=True):
        table.add_column(sign, justify="right", footer=number(total))
    for monday, figures in weeks.items():
        table.add_row(monday, *map(number, figures))
    console.print(table)
    for alert in story.alerts:
        console.print(f"[yellow]▲[/] {LEVELS[alert.level]} {weekday(alert.raised)}", end="")
        if alert.acknowledged:
            console.print(f" → ditanggapi {moment(alert.acknowledged)}", end="")
        console.print(f" → pulih {moment(alert.resolved)}" if alert.resolved else "")
    for shipment in story.shipments:
        received = f" → diterima {moment(shipment.received)}" if shipment.received else ""
        console.print(
            f"[cyan]■[/] {number(shipment.quantity)} blanko disetujui {moment(shipment.approved)}{received}"
        )


def show_letters(console: Console, story: Story) -> None:
    """What was asked for, by kind and by drive, and whom the rules turned away."""
    t = words_in("id")
    console.print(f"[bold]{story.about[0]}[/]")
    by_kind = _table("Permohonan", "Surat", "Warga", "Kunjungan", "Terekam")
    for kind, what in story.kinds.items():
        by_kind.add_row(t(f"kind.{kind}"), *map(number, (what.letters, what.residents, what.visits, what.recorded)))
    drives = _table("Layanan di tempat", "Warga", "Terekam", "Terbanyak sehari")
    for drive in story.drives:
        most = f"{number(drive.most_a_day)}, {weekday(drive.fullest)}" if drive.fullest else "belum"
        drives.add_row(drive.name, number(drive.residents), number(drive.recorded), most)
    console.print(by_kind, drives)
    tally = story.tally
    console.print(
        f"Berkas: {number(tally.accepted)} lengkap, {tally.completed} dari {tally.incomplete} dilengkapi kemudian;"
        f" {tally.known_already} ganda dikenali; {tally.cancelled} surat dibatalkan, {tally.withdrawn} warga ditarik,"
        f" {tally.amended} diubah."
    )
    for refusal in tally.refusals:
        console.print(f"[yellow]–[/] {refusal.residents} warga ditolak: {refusal.rule} [dim]{refusal.source}[/]")


def _table(first: str, *others: str) -> Table:
    table = Table(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table
