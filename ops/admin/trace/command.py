"""The command `trace`: prints the stages of each case, then all events in their order, then what needs attention."""

import asyncio
import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from ops.admin import connections
from ops.admin.output import facts as lines
from ops.admin.output import print_json, print_line, table
from ops.admin.trace.model import RequestTrace, TracedEvent
from ops.admin.trace.query import trace_request
from ops.admin.trace.resolve import request_of
from ops.command_line import Json
from ops.formatting import LEVELS, OUTCOMES, STAGES, ZONES, short_day, span
from ops.system.discovery import Reachable
from shared.reference.offices import Offices

console = Console()

EVENTS = {
    "RequestFiled": "Diajukan",
    "CaseAdded": "Berkas ditambahkan",
    "CaseWithdrawn": "Berkas ditarik",
    "RequestAmended": "Berkas diubah",
    "RequestAccepted": "Diterima, lengkap",
    "RequestRejected": "Ditolak",
    "RequestCancelled": "Dibatalkan",
    "RequestOverdue": "Batas terlewati",
    "PrintEligible": "Genap 17 tahun",
    "VisitScheduled": "Terjadwal",
    "VisitRescheduled": "Dijadwalkan ulang",
    "VisitDeferred": "Ditangguhkan",
    "VisitCancelled": "Kunjungan batal",
    "VisitCompleted": "Dikunjungi",
    "RecordCaptured": "Terekam",
    "PrintReady": "Siap cetak (PRR)",
    "PrintCompleted": "Tercetak",
    "PrintSpoiled": "Blanko rusak",
    "CardHandedOver": "Diserahkan",
}


LEGAL = {
    "waiting": "belum berjalan, berkas belum lengkap",
    "running": "berjalan",
    "kept": "terpenuhi",
    "passed": "terlewati",
    "off": "tidak ada kartu yang harus dicetak",
}
_SHOWN = ("team", "station", "serial", "kind", "service", "cause", "receiver", "urgency", "reason")


def trace(request: str, as_json: Json = False) -> None:
    """The whole life of one request across the services, by its id or that of a case, a visit, a print, an event."""
    found = asyncio.run(_read(connections.running_system(), request))
    if as_json:
        print_json(console, found)
    else:
        _show(found)


async def _read(where: Reachable, given: str) -> RequestTrace:
    return await trace_request(where, await request_of(where, given))


def _show(found: RequestTrace) -> None:
    own = os.environ.get("OFFICES_FILE")
    offices = Offices.load(Path(own) if own else None)
    zone = offices[found.office].tz if found.office in offices else found.now.tzinfo
    assert zone is not None
    place = offices[found.office].name if found.office in offices else "kantor tidak dikenal"
    facts = [
        ("Permohonan", str(found.request_id)),
        ("Kantor", f"{found.office} {place}, kelurahan {found.kelurahan}"),
        ("Tahap", STAGES[found.stage][0]),
        ("Batas hukum", _legal(found, zone)),
        ("Waktu kerja", f"{_moment(found.now, zone)} {ZONES.get(str(zone), '')}"),
    ]
    console.print(lines(*facts), highlight=False)
    _show_clocks(found, zone)
    _show_facts(found, zone)
    _show_around(found, zone)


def _legal(found: RequestTrace, zone: tzinfo) -> str:
    if found.legal_due_at is None:
        return LEGAL[found.legal]
    return f"{_moment(found.legal_due_at, zone)} (24 jam sejak lengkap): {LEGAL[found.legal]}"


def _show_clocks(found: RequestTrace, zone: tzinfo) -> None:
    for case in found.cases:
        print_line(console, f"\nBerkas {case.place}: {case.case_id}, {STAGES[case.stage][0]}", "bold")
        shown = table("Tahap", "Sejak", ">Lamanya", "Batas", "")
        for clock in case.clocks:
            open_ended = clock.until is None and clock.waited > 0
            due = _moment(clock.due_at, zone) if clock.due_at else "-"
            shown.add_row(
                f"{STAGES[clock.stage][0]:<24}",
                _moment(clock.since, zone),
                ("" if clock.until or open_ended else "selesai")
                or _span(clock.waited) + (" …" if open_ended else ""),
                due,
                Text("lewat", "red") if clock.exceeded else "",
            )
        console.print(shown)


def _show_facts(found: RequestTrace, zone: tzinfo) -> None:
    print_line(console, "\nPeristiwa menurut waktu kerja; di kanan: siapa mengambilnya, setelah berapa lama", "bold")
    shown = table("Waktu", "B", "Peristiwa", "Rincian", "Diambil")
    places = {case.case_id: str(case.place) for case in found.cases}
    for fact in found.facts:
        shown.add_row(
            _moment(fact.at, zone),
            places.get(fact.case_id, "") if fact.case_id else "",
            EVENTS.get(fact.type, fact.type),
            _detail(fact, zone),
            _way(fact),
        )
    console.print(shown, highlight=False)


def _show_around(found: RequestTrace, zone: tzinfo) -> None:
    for alert in found.alerts:
        until = f"sampai {_moment(alert.resolved_at, zone)}" if alert.resolved_at else "masih berlaku"
        print_line(
            console, f"Stok kantor {LEVELS[alert.level].lower()} sejak {_moment(alert.raised_at, zone)}, {until}"
        )
    for letter in found.dead_letters:
        print_line(
            console, f"Pesan tersisih {str(letter.id)[-12:]} di {letter.service}: {letter.reason}, {letter.state}"
        )
    for remark in found.remarks:
        print_line(console, f"✕ {remark}", "red")
    if not found.remarks:
        print_line(console, "✓ semua peristiwa diterbitkan dan diambil", "green")


def _detail(fact: TracedEvent, zone: tzinfo) -> str:
    said = []
    if "starts_at" in fact.detail:
        said.append(f"{_moment(_time(fact.detail['starts_at']), zone)}")
    said += [str(fact.detail[name]) for name in _SHOWN if fact.detail.get(name)]
    if "outcome" in fact.detail:
        said.append(OUTCOMES[fact.detail["outcome"]][0].lower())
    if "stage" in fact.detail:
        said.append(STAGES[fact.detail["stage"]][0].lower())
    if fact.type in ("RequestAccepted", "RequestOverdue") and "due_at" in fact.detail:
        said.append(f"batas {_moment(_time(fact.detail['due_at']), zone)}")
    return ", ".join(said)


def _way(fact: TracedEvent) -> Text:
    if fact.event_id is None:
        return Text("outbox dipangkas", "dim")
    if not fact.published:
        return Text("belum terbit!", "red")
    text = Text()
    for group, at in fact.taken.items():
        text.append(", " if text else "")
        assert fact.stated_at is not None
        if at is None:
            text.append(f"{group} belum!", "red")
        else:
            text.append(f"{group} {_after((at - fact.stated_at).total_seconds())}")
    return text or Text("-", "dim")


def _after(seconds: float) -> str:
    return (
        f"{max(seconds, 0) * 1000:.0f} md"
        if seconds < 1
        else _span(seconds)
        if seconds >= 60
        else f"{seconds:.1f} dtk"
    )


def _span(seconds: float) -> str:
    return span(timedelta(seconds=seconds))


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{short_day(local.date())} {local:%H.%M}"
