"""`dlq`: the dead letters of all services. Nothing is applied here: the owning service does what is asked."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from rich.console import Console

from ops.admin import connections, dead_letter_search
from ops.admin.dead_letter_search import OwnedDeadLetter
from ops.admin.output import (
    DISCARDS,
    REASONS,
    STATES,
    duration,
    facts,
    print_json,
    print_line,
    readable,
    stamp,
    table,
)
from ops.command_line import Everything, Json, Since, Who
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from ops.system.services import SERVICES
from shared.contract.fields import DeadLetterReason
from shared.database.connection import Session
from shared.messaging import dead_letter_actions, dead_letter_queue, dead_letter_redaction
from shared.messaging.dead_letter_queue import DeadLetter, DeadLetterFilter, DiscardReason
from shared.system_clock import utc_now

app = App(name="dlq", help="Messages that services set aside (dead letters): list, show, replay, discard.")
console = Console()

Wait = Annotated[bool, Parameter(help="wait until it is done, and say what became of each", negative="")]


@Parameter(name="*")
@dataclass(frozen=True)
class Filters:
    """Which dead letters."""

    service: Annotated[str, Parameter(help="of one service only")] = ""
    reason: Annotated[DeadLetterReason | None, Parameter(help="of one reason only")] = None
    handler: Annotated[str, Parameter(help='whose handler begins so: "inventory.cases"')] = ""
    since: Since = ""

    @property
    def services(self) -> tuple[str, ...]:
        """Raises PlatformError for an unknown one."""
        if self.service and self.service not in SERVICES:
            raise PlatformError(f"tidak ada layanan {self.service}", f"pilih: {', '.join(SERVICES)}")
        return (self.service,) if self.service else SERVICES

    def wanted(self, resolved: bool = False) -> DeadLetterFilter:
        """The same as the database is asked; raises PlatformError when `since` is no time."""
        since = connections.parse_time(self.since) if self.since else None
        return DeadLetterFilter(self.reason, self.handler, since, resolved)


@app.command(name="list")
def list_(
    *,
    filters: Filters = Filters(),
    everything: Everything = False,
    limit: int = 50,
    as_json: Json = False,
) -> int:
    """The newest first; with --all those that are resolved too. Exit code 1 when a service does not answer."""
    wanted = filters.wanted(everything)
    found, counts, away = asyncio.run(
        dead_letter_search.listed(connections.running_system(), filters.services, wanted, limit)
    )
    if as_json:
        print_json(console, {"counts": counts, "letters": [dead_letter_search.plain(each) for each in found]})
    else:
        _show_list(found, counts, everything)
    for error in away:
        print_line(Console(stderr=True), f"{error.problem}\n  → {error.remedy}", "bold red")
    return 1 if away else 0


def _show_list(found: list[OwnedDeadLetter], counts: dict[str, int], everything: bool) -> None:
    total = sum(counts.values())
    which = "" if everything else " yang terbuka"
    if not total:
        print_line(console, f"Tidak ada pesan tersisih{which}.", "green")
        return
    reasons = ", ".join(f"{n} {REASONS[DeadLetterReason(each)]} ({each})" for each, n in counts.items())
    print_line(console, f"{total} pesan tersisih{which}: {reasons}\n", "bold")
    _show_table(found)
    if total > len(found):
        print_line(console, f"... {total - len(found)} lagi: --limit {total}", "dim")
    print_line(console, "\npython -m ops dlq show ID | replay ID... --wait | discard ID --reason ...", "dim")


def _show_table(found: list[OwnedDeadLetter]) -> None:
    shown = table("ID", "Penangan", "Alasan", ">Umur", "Keadaan")
    now = utc_now()
    for each in found:
        letter = each.letter
        age = duration((now - letter.recorded_at).total_seconds())
        shown.add_row(str(letter.id)[-12:], letter.handler, REASONS[letter.reason], age, STATES[letter.state])
    console.print(shown)


@app.command
def show(
    letter_id: str,
    *,
    value: Annotated[
        bool, Parameter(negative="", help="its value, key and all headers too: they may hold personal data")
    ] = False,
    as_json: Json = False,
) -> None:
    """One of them: where it came from, why it was set aside, what became of it."""
    asyncio.run(_show(letter_id, value, as_json))


async def _show(letter_id: str, with_value: bool, as_json: bool) -> None:
    where = connections.running_system()
    (found,) = await dead_letter_search.named(where, [letter_id])
    async with connections.database(where, found.service) as conn:
        kept = await dead_letter_queue.value_of(conn, found.letter.id) if with_value else b""
    if as_json:
        print_json(
            console, {**dead_letter_search.plain(found), **({"value": kept.decode(errors="replace")} if kept else {})}
        )
        return
    console.print(facts(*_facts(found, with_value)), highlight=False)
    if with_value:
        print_line(console, f"\nIsi ({found.letter.kept} dari {found.letter.size} bita):", "bold")
        print_line(console, kept.decode(errors="replace"))
    else:
        print_line(console, "\nIsi tidak ditampilkan: mungkin memuat data pribadi. --value menampilkannya.", "dim")


def _facts(found: OwnedDeadLetter, with_value: bool) -> list[tuple[str, str]]:
    letter = found.letter
    key = (letter.key or b"").decode(errors="replace") if with_value else dead_letter_redaction.redacted_key(letter)
    lines = [
        ("Pesan", str(letter.id)),
        ("Layanan", f"{found.service} ({letter.handler})"),
        ("Asal", f"topik {letter.topic}, partisi {letter.partition}, offset {letter.offset}"),
        ("Kunci", key or "(bukan kunci kita; --value menampilkannya)"),
        ("Alasan", f"{REASONS[letter.reason]} ({letter.reason})"),
        ("Rincian", readable(letter.detail, 10)),
        ("Disisihkan", stamp(letter.recorded_at)),
        ("Ukuran", f"{letter.size} bita" + (f", tersimpan {letter.kept}" if letter.cut else "")),
        ("Keadaan", STATES[letter.state] + (f" oleh {letter.by_whom}" if letter.by_whom else "")),
        *_became(letter),
    ]
    headers = dict(letter.headers) if with_value else dead_letter_redaction.redacted_headers(letter)
    return lines + [(name, text or "(bukan bentuk kita)") for name, text in headers.items()]


def _became(letter: DeadLetter) -> list[tuple[str, str]]:
    lines = []
    if letter.resolved_at:
        why = DISCARDS.get(letter.resolution)  # type: ignore[call-overload]
        lines.append(("Selesai", stamp(letter.resolved_at) + (f", {why}" if why else "")))
    if letter.attempts:
        failed = f"; terakhir {readable(letter.last_error)}" if letter.last_error else ""
        lines.append(("Diulang", f"{letter.attempts} kali{failed}"))
    return lines


@app.command
def replay(
    *ids: str,
    everything: Everything = False,
    filters: Filters = Filters(),
    wait: Wait = False,
    timeout: Annotated[float, Parameter(help="seconds to wait at the most")] = 120,
    who: Who = "",
) -> int:
    """Ask the owning service to apply them again, each once in effect; --all takes those the filters leave.

    They are applied in the order of their topic, whoever is named first. A service that is away does it when it
    is back. With --wait exit code 1 when one failed again or still waits.
    """
    where = connections.running_system()
    if bool(ids) == everything:
        raise PlatformError("sebutkan pesan mana", "`dlq replay ID...`, atau `dlq replay --all --reason ...`")
    if everything:
        every = asyncio.run(dead_letter_search.chosen(where, filters.services, filters.wanted()))
        chosen = {name: some for name, some in every.items() if some}
    else:
        chosen = dead_letter_search.by_service(asyncio.run(dead_letter_search.named(where, ids)))
    asked = _ask(where, chosen, connections.operator(who))
    already = sum(map(len, chosen.values())) - asked
    print_line(console, f"{asked} pesan diminta diulang" + (f"; {already} sudah selesai" if already else ""))
    return _await(chosen, timeout) if wait and asked else 0


def _ask(where: Reachable, chosen: dict[str, list[UUID]], by: str) -> int:
    async def ask(name: str, conn: Session) -> int:
        async with conn.transaction():
            return len(await dead_letter_actions.request_replay(conn, chosen[name], by))

    asked: dict[str, int] = connections.require_all(asyncio.run(connections.query_each(where, ask, tuple(chosen))))
    return sum(asked.values())


def _await(chosen: dict[str, list[UUID]], patience: float) -> int:
    found = asyncio.run(dead_letter_search.outcomes(connections.running_system(), chosen, patience))
    _show_table(found)
    states = [each.letter.state for each in found]
    for each in found:
        if each.letter.state == "failed":
            print_line(console, f"{str(each.letter.id)[-12:]}: {readable(each.letter.last_error or '')}", "red")
    for service in sorted({each.service for each in found if each.letter.state == "asked"}):
        print_line(
            console, f"{service} belum mengerjakannya: akan dikerjakan begitu layanan itu berjalan lagi", "yellow"
        )
    return 1 if {"failed", "asked"} & set(states) else 0


@app.command
def discard(
    *ids: str,
    reason: Annotated[DiscardReason, Parameter(help="why it need not be applied")],
    who: Who = "",
) -> None:
    """Close them without applying them; the rows stay, and `dlq restore` takes it back.

    duplicate: its effect is there by another way; foreign: no event of ours; obsolete: later facts overtook it;
    corrected: put right by a command or by hand; test: a trial.
    """
    done = _change(ids, lambda conn, some: dead_letter_actions.discard(conn, some, reason, connections.operator(who)))
    print_line(console, f"{done} pesan dibuang ({reason}); {len(ids) - done} sudah selesai sebelumnya")


@app.command
def restore(*ids: str, who: Who = "") -> None:
    """Open again what was discarded, as long as the row is there."""
    done = _change(ids, lambda conn, some: dead_letter_actions.restore(conn, some, connections.operator(who)))
    print_line(
        console,
        f"{done} pesan dibuka lagi" + (f"; {len(ids) - done} tidak sedang dibuang" if done < len(ids) else ""),
    )


def _change(ids: tuple[str, ...], change: dead_letter_search.Change) -> int:
    if not ids:
        raise PlatformError("sebutkan pesan mana", "lihat id-nya: `python -m ops dlq list`")
    where = connections.running_system()

    async def both() -> int:
        chosen = dead_letter_search.by_service(await dead_letter_search.named(where, ids))

        async def one(name: str, conn: Session) -> int:
            async with conn.transaction():
                return len(await change(conn, chosen[name]))

        done: dict[str, int] = connections.require_all(await connections.query_each(where, one, tuple(chosen)))
        return sum(done.values())

    return asyncio.run(both())
