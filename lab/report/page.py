"""The page: what each part of it says, and the template that says it."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab.report.burndown import chart, usage
from lab.report.visitmap import visit_map
from lab.simulate.outcome.story import Story
from lab.simulate.outcome.verdict import judge
from ops import formatting as words
from shared.web.words import words_in

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals |= {"t": words_in("id"), "en": words_in("en")}
_ENVIRONMENT.filters |= {
    "number": words.number,
    "short_day": words.short_day,
    "weekday": words.weekday,
    "moment": words.moment,
}


FIRST_KOTA = 71
"""Second part of a region's code: kabupaten come before, kota from here on."""


@dataclass(frozen=True)
class Fact:
    """A figure with its word in both languages."""

    value: str
    word: str
    english: str
    note: str = ""


@dataclass(frozen=True)
class Stage:
    """A stage on a timeline, when, and how long after the one before."""

    word: str
    english: str
    at: str
    after: str


def render(story: Story) -> str:
    """The whole page as HTML."""
    return _ENVIRONMENT.get_template("page.html.j2").render(
        story=story,
        zone=words.ZONES[story.zone],
        headline=headline(story),
        verdict=judge(story),
        facts=_facts(story),
        usage=usage(story),
        charts=[("wide", chart(story, 640, 330)), ("narrow", chart(story, 344, 270))],
        maps=[("wide", visit_map(story, 620)), ("narrow", visit_map(story, 344))],
        stages=_stages([(step.stage, step.at) for step in story.timeline]),
        supply=_supply(story),
        outcomes=[
            (*words.OUTCOMES[code], count, words.percent(count, story.total("visits")))
            for code, count in story.outcomes.items()
        ],
        village=_village(story),
        desk=_desk(story),
        period=f"{words.full_day(story.days[0].day)} – {words.full_day(story.days[-1].day)}",
    )


@dataclass(frozen=True)
class Headline:
    """The answer to the page's question in a sentence, what else matters, and the same in English."""

    first: str
    then: str
    english: str


def headline(story: Story) -> Headline:
    """What the weeks came to."""
    printed = words.number(story.total("printed"))
    if any(alert.level == "out" for alert in story.alerts):
        return Headline(
            f"{printed} KTP-el tercetak, tetapi blanko sempat habis.",
            "",
            f"{printed} cards; the blank cards ran out.",
        )
    low = next((alert for alert in story.alerts if alert.level == "low"), None)
    came = next((shipment for shipment in story.shipments if shipment.received), None)
    then = ""
    if low and came and came.received:
        left = next(day.opening for day in story.days if day.day == came.received.date())
        then = (
            f"Stok menipis pada {words.weekday(low.raised)}; {words.number(came.quantity)} keping tiba "
            f"{words.weekday(came.received.date())}, saat masih tersisa {words.number(left)}."
        )
    return Headline(
        f"{printed} KTP-el tercetak untuk warga yang tidak bisa datang; blanko tidak pernah habis.",
        then,
        f"{printed} cards printed for people who could not come; the blank cards never ran out.",
    )


def _village(story: Story) -> str:
    """What the lowest regions of an office are called: those of a kota are all kelurahan."""
    return "kelurahan" if int(story.office[3:]) >= FIRST_KOTA else "desa"


def _facts(story: Story) -> list[Fact]:
    visits = story.total("visits")
    working = sum(1 for day in story.days if day.working)
    printing = sum(1 for day in story.days if day.printed) or 1
    printed = story.total("printed")
    return [
        Fact(
            words.number(story.residents),
            "warga",
            "residents",
            f"dalam {words.number(story.requests)} surat, {working} hari kerja",
        ),
        Fact(words.number(visits), "kunjungan", "visits", _where(story)),
        Fact(words.number(printed), "kartu tercetak", "cards printed", f"{printed / printing:.0f} per hari kerja"),
        Fact(words.number(story.total("handed_over")), "diserahkan", "handed over", _still_to_come(story)),
        Fact(
            words.number(story.on_hand),
            "blanko tersisa",
            "blank cards left",
            f"cukup {words.number(round(story.on_hand / usage(story)))} hari kerja" if usage(story) else "",
        ),
    ]


def _where(story: Story) -> str:
    visits, at_drives = story.total("visits"), story.total("at_drives")
    recorded = f"{words.percent(story.total('recorded'), visits)} terekam"
    return f"{words.number(at_drives)} di {len(story.drives)} tempat, {recorded}" if at_drives else recorded


def _desk(story: Story) -> list[tuple[int, str, str]]:
    tally = story.tally
    return [
        (tally.accepted, "warga dengan berkas lengkap", "residents whose papers are complete"),
        (tally.completed, f"dari {tally.incomplete} yang kurang, dilengkapi kemudian", "completed later"),
        (tally.warnings, "catatan untuk diperiksa, tidak menghalangi", "things to check, in nobody's way"),
        (tally.known_already, "surat ganda, dikenali", "letters filed twice, recognised"),
        (tally.amended, "berkas diubah", "amended"),
        (tally.withdrawn, "warga ditarik", "withdrawn"),
        (tally.cancelled, "surat dibatalkan", "letters cancelled"),
    ]


def _still_to_come(story: Story) -> str:
    rest = story.total("printed") - story.total("handed_over")
    return f"{words.number(rest)} menyusul" if rest else "semua sampai ke tangan"


def _stages(steps: list[tuple[str, datetime]]) -> list[Stage]:
    return _timeline([(at, *words.STAGES[code]) for code, at in steps])


def _supply(story: Story) -> list[Stage]:
    """The alert and its shipment as one timeline, in order of time."""
    moments: list[tuple[date | datetime, str, str]] = []
    for alert in story.alerts:
        level = words.LEVELS[alert.level].lower()
        moments.append((alert.raised, f"Stok {level}: provinsi diberi tahu", f"{alert.level}: the province is told"))
        if alert.acknowledged:
            moments.append((alert.acknowledged, "Provinsi menanggapi", "acknowledged"))
        if alert.resolved:
            moments.append((alert.resolved, "Stok pulih: peringatan selesai", "recovered: the alert is resolved"))
    for shipment in story.shipments:
        quantity = words.number(shipment.quantity)
        moments.append((shipment.approved, f"Kiriman {quantity} blanko disetujui", "shipment approved"))
        if shipment.received:
            moments.append((shipment.received, "Kiriman dihitung dan diterima", "shipment counted and received"))
    return _timeline(sorted(moments, key=lambda item: (item[0].isoformat(), item[1])))


def _timeline(moments: list[tuple[date | datetime, str, str]]) -> list[Stage]:
    found: list[Stage] = []
    before: date | datetime | None = None
    for at, word, english in moments:
        said = words.moment(at) if isinstance(at, datetime) else words.weekday(at)
        found.append(Stage(word, english, said, _after(before, at)))
        before = at
    return found


def _after(before: date | datetime | None, at: date | datetime) -> str:
    if before is None:
        return ""
    if isinstance(before, datetime) and isinstance(at, datetime):
        return "saat itu juga" if at == before else f"{words.span(at - before)} kemudian"
    days = (_day(at) - _day(before)).days
    return f"{days} hari kemudian" if days else "hari itu juga"


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at
