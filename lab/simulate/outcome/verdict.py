"""The verdict on a story: what is wrong, and what was still under way when its days ended.

What was due by the last evening and did not happen is wrong. When something is due follows from the rules by which
the simulated people work, and stands in the story with it: an alert is answered and a shipment counted on the
morning of its day, a visit is made on the day it was promised for, a step on the agenda is taken on its day.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from lab.simulate.outcome.story import Alert, Day, Pending, Story
from ops.formatting import LEVELS, moment, number, short_day

PENDING = {
    "letter": "surat yang belum diajukan",
    "list": "surat yang menunggu daftar warga",
    "papers": "surat yang menunggu berkas",
    "lacking": "warga yang belum melengkapi berkas",
    "unplanned": "warga tanpa kunjungan dan tanpa alasan",
    "no_slot": "warga yang menunggu slot kunjungan",
    "undecided": "warga yang menunggu keputusan sesudah kunjungan terakhir",
    "decision": "keputusan yang diambil pagi berikutnya",
    "visit": "kunjungan terjadwal",
    "print_ready": "rekaman yang menunggu PRR",
    "print": "kartu yang menunggu dicetak",
    "destruction": "kartu keliru yang menunggu dimusnahkan",
    "hand_over": "kartu yang menunggu diserahkan",
}
"""The kinds of steps that may be pending, in the order of a case's life."""
_WORSE = ("low", "critical", "out")


@dataclass(frozen=True)
class Verdict:
    """For people, a line each. Without problems the story is good, whatever is still under way."""

    problems: list[str] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)


def judge(story: Story) -> Verdict:
    """What a story came to."""
    found = Verdict()
    found.problems.extend((*_figures(story), *_reports(story), *_shortages(story)))
    for alert in story.alerts:
        _alert(story, alert, found)
    _shipments(story, found)
    _steps(story, found)
    return found


def _figures(story: Story) -> Iterable[str]:
    """Acknowledged commands against the ledger."""
    for ours, theirs, word in (("prints", "printed", "cetakan"), ("spoils", "spoiled", "blanko rusak")):
        if story.total(ours) != story.total(theirs):
            yield f"{word}: {story.total(ours)} diterima, {story.total(theirs)} di buku besar"
    balance = story.total("received") - story.total("printed") - story.total("spoiled")
    if balance != story.on_hand:
        yield f"buku besar tidak seimbang: {balance} menurut laporan, {story.on_hand} di stok"
    again = story.tally
    if again.known_already != again.tried_again:
        yield f"berkas ganda: {again.tried_again} diajukan lagi, {again.known_already} dikenali"
    planned = sum(each.count for each in story.pending if each.work == "print")
    if planned != story.to_print:
        yield f"antrean cetak: {planned} kartu siap cetak, {story.to_print} di antrean"


def _reports(story: Story) -> Iterable[str]:
    for day in story.days:
        if not day.reported:
            yield f"laporan {day.day} tidak ada"
        elif not day.balances:
            yield f"laporan {day.day} tidak seimbang"
    for before, after in pairwise(story.days):
        if before.closing != after.opening:
            yield f"laporan {after.day} tidak mulai dari akhir hari sebelumnya"


def _shortages(story: Story) -> Iterable[str]:
    """Each evening: a shortage of which nobody was told, and an alert that is over and was not resolved."""
    for day in story.days:
        open_levels = [_WORSE.index(alert.level) for alert in story.alerts if _open_at_the_end_of(day.day, alert)]
        level = _level(day)
        if level is not None and max(open_levels, default=-1) < _WORSE.index(level):
            yield f"stok {LEVELS[level].lower()} pada {day.day}, tetapi provinsi tidak diberi tahu"
        if open_levels and day.closing >= day.recovered_at:
            yield f"stok pulih pada {day.day}, tetapi peringatannya belum selesai"


def _level(day: Day) -> str | None:
    """How short the office was in the evening; None when it was not."""
    if day.closing <= 0:
        return "out"
    if day.closing <= day.critical_at:
        return "critical"
    return "low" if day.closing < day.low_at else None


def _open_at_the_end_of(day: date, alert: Alert) -> bool:
    return alert.raised <= day and (alert.resolved is None or alert.resolved.date() > day)


def _alert(story: Story, alert: Alert, found: Verdict) -> None:
    name = f"peringatan {LEVELS[alert.level].upper()} {short_day(alert.raised)}"
    if alert.told != 1:
        found.problems.append(f"{name} sampai ke provinsi {alert.told} kali, seharusnya tepat satu kali")
    if sum(other.crossing == alert.crossing for other in story.alerts) > 1:
        found.problems.append(f"{name} dibuat lebih dari satu kali")
    answered, due = alert.acknowledged, alert.answer_due
    if answered is None:
        if alert.resolved is not None and alert.resolved <= due:
            return
        if due.date() <= story.last_day:
            found.problems.append(f"{name} tidak ditanggapi, paling lambat {moment(due)}")
        else:
            found.under_way.append(f"{name}: tanggapan paling lambat {moment(due)}")
        return
    if answered > due:
        found.problems.append(f"{name} ditanggapi terlambat: {moment(answered)}, paling lambat {moment(due)}")
    if not any(
        shipment.approved.date() <= answered.date() and (shipment.received is None or shipment.received >= answered)
        for shipment in story.shipments
    ):
        found.problems.append(f"{name} ditanggapi, tetapi tidak ada kiriman")


def _shipments(story: Story, found: Verdict) -> None:
    for shipment in story.shipments:
        name = f"kiriman {number(shipment.quantity)} blanko"
        if shipment.received is None and shipment.due <= story.last_day:
            found.problems.append(f"{name} belum diterima, seharusnya {short_day(shipment.due)}")
        elif shipment.received is None:
            found.under_way.append(f"{name} dalam perjalanan, tiba {short_day(shipment.due)}")
        elif shipment.received.date() > shipment.due:
            came = shipment.received.date()
            found.problems.append(f"{name} diterima {short_day(came)}, seharusnya {short_day(shipment.due)}")


def _steps(story: Story, found: Verdict) -> None:
    for work, word in PENDING.items():
        mine = [each for each in story.pending if each.work == work]
        late = [each for each in mine if each.due is not None and each.due <= story.last_day]
        later = [each for each in mine if each not in late]
        if late:
            found.problems.append(f"lewat waktu: {_count(late)} {word}, sejak {_first(late)}")
        if later:
            since = _first(later)
            found.under_way.append(f"{_count(later)} {word}" + (f", mulai {since}" if since else ""))


def _count(pending: list[Pending]) -> str:
    return number(sum(each.count for each in pending))


def _first(pending: list[Pending]) -> str:
    days = [each.due for each in pending if each.due is not None]
    return short_day(min(days)) if days else ""


def to_json(story: Story) -> str:
    """The story and the verdict on it. The same story gives the same bytes."""
    content = {"verdict": asdict(judge(story)), **asdict(story)}
    return json.dumps(content, indent=1, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(type(value).__name__)
