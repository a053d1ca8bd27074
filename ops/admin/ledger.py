"""`ledger verify`: the whole ledger of blank cards counted again, and held against reports and prints."""

import asyncio
import time
from dataclasses import dataclass, field

from cyclopts import App
from rich.console import Console

from ops.admin import connections, print_comparison
from ops.admin.output import print_json, print_line
from ops.command_line import Json
from ops.formatting import number
from ops.system.discovery import Reachable
from services.inventory.store import audit, verify

app = App(name="ledger", help="The ledger of blank cards.")
console = Console()
SHOWN = 20


@dataclass
class Finding:
    """One thing that is wrong: where, what is kept there, what it should be."""

    kind: str
    where: str
    kept: int | None = None
    counted: int | None = None


@dataclass
class Verdict:
    """What was counted and what was found."""

    movements: int = 0
    sum: int = 0
    prints: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)


WORDS = {
    "account": "saldo akun tidak sama dengan jumlah mutasinya",
    "on hand": "stok kantor tidak sama dengan jumlah mutasinya",
    "day": "angka harian tidak sama dengan mutasi hari itu",
    "sum": "jumlah semua saldo bukan nol",
    "negative": "blanko di bawah nol: ada penerimaan atau pengisian yang belum dicatat",
    "report": "laporan harian tidak cocok",
    "no movement": "cetakan tanpa mutasi di buku besar",
    "no print": "mutasi cetak tanpa cetakan di dispatch",
}


@app.command(name="verify")
def verify_(*, as_json: Json = False) -> int:
    """Do the books balance? Says exactly which account, office or day differs; exit code 1 when one does."""
    verdict = asyncio.run(_verify(connections.running_system()))
    if as_json:
        print_json(console, verdict)
    else:
        _show(verdict)
    return 1 if verdict.findings else 0


async def _verify(where: Reachable) -> Verdict:
    began = time.monotonic()
    verdict = Verdict()
    async with connections.database(where, "inventory") as conn:
        counted = await verify.verify(conn)
        negative = await audit.negative(conn)
        reports = await audit.misreported(conn)
    verdict.movements, verdict.sum = counted.movements, counted.sum
    found = verdict.findings
    if counted.sum:
        found.append(Finding("sum", "semua akun", counted.sum, 0))
    for each in counted.differences:
        kind = next(kind for kind in ("account", "on hand", "day") if each.what.startswith(f"{kind} "))
        found.append(Finding(kind, each.what.removeprefix(f"{kind} "), each.kept, each.counted))
    found += [Finding("negative", name, balance) for name, balance in negative.items()]
    found += [Finding("report", f"{r.office} {r.day} {r.what}", r.told, r.counted) for r in reports]
    compared = await print_comparison.compare(where)
    verdict.prints = compared.compared
    found += [Finding("no movement", f"{key} ({day})") for key, (day, _) in compared.without_movement.items()]
    found += [Finding("no print", f"{key} ({day})") for key, (day, _) in compared.without_print.items()]
    verdict.seconds = round(time.monotonic() - began, 3)
    return verdict


def _show(verdict: Verdict) -> None:
    counted = (
        f"{number(verdict.movements)} mutasi dan {number(verdict.prints)} cetakan dalam {verdict.seconds:.1f} dtk"
    )
    if not verdict.findings:
        print_line(console, f"✓ Buku besar seimbang: {counted}", "green")
        return
    print_line(console, f"✕ Buku besar: {len(verdict.findings)} temuan ({counted})", "bold red")
    for kind, words in WORDS.items():
        found = [each for each in verdict.findings if each.kind == kind]
        if found:
            print_line(console, f"\n{words}:")
        for each in found[:SHOWN]:
            figures = "" if each.kept is None else f": tercatat {each.kept}"
            should = "" if each.counted is None else f", seharusnya {each.counted}"
            print_line(console, f"  {each.where}{figures}{should}", "red")
        if len(found) > SHOWN:
            print_line(console, f"  ... {len(found) - SHOWN} lagi: --json menyebut semuanya", "dim")
    print_line(console, "\nJangan ubah baris mutasi. Lihat docs/administration.md, bagian `ledger verify`.", "dim")
