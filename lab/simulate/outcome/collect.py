"""Reads from the services, once nothing is outstanding, what became of a simulation."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from lab.simulate.casework import Case
from lab.simulate.outcome import pending
from lab.simulate.outcome.story import Alert, Drive, Kind, Place, Step, Story
from lab.simulate.population.letters import Letter
from lab.simulate.simulator import Simulator
from shared.contract.fields import Outcome, RequestKind
from shared.reference.regions import kelurahan, kelurahan_of
from shared.security.auth import Role


async def story(simulator: Simulator) -> Story:
    """The story of a simulation that is over."""
    office, city = simulator.office, simulator.city
    found = Story(
        city=city.key,
        name=city.name,
        office=city.office,
        office_name=office.name,
        zone=office.zone,
        seed=simulator.seed,
        low_cover=office.low_cover,
        critical_cover=office.critical_cover,
        low_at=simulator.figures[0].low_at,
        critical_at=simulator.figures[0].critical_at,
        about=city.about,
        days=simulator.figures,
        opening=city.opening,
        outcomes=dict(sorted(simulator.casework.outcomes.items(), key=lambda item: (-item[1], item[0]))),
        kinds=_kinds(simulator),
        drives=[_drive(letter, simulator.kelurahan_office.cases_of[label]) for label, letter in _drives(simulator)],
        tally=simulator.kelurahan_office.tally,
        requests=len(simulator.request_ids),
        residents=len(simulator.cases),
        shipments=list(simulator.supply.shipments.values()),
        places=_places(simulator),
    )
    await _reports(simulator, found)
    await _alerts(simulator, found)
    found.pending = await pending.of(simulator)
    found.to_print = await pending.print_queue(simulator)
    await _timeline(simulator, found)
    received = simulator.supply.receiver
    kinds = Counter(str(message.get("type", "?")) for message in received.received.values())
    found.webhooks = {**dict(sorted(kinds.items())), "refused": received.refused}
    found.commands = simulator.client.commands
    return found


def _kinds(simulator: Simulator) -> dict[str, Kind]:
    found = {kind.value: Kind() for kind in RequestKind}
    for label, letter in simulator.kelurahan_office.letters.items():
        kind, cases = found[letter.kind], simulator.kelurahan_office.cases_of[label]
        kind.letters += 1
        kind.residents += len(cases)
        kind.visits += sum(len(case.visited) for case in cases)
        kind.recorded += sum(case.outcome is Outcome.RECORDED for case in cases)
    return found


def _drives(simulator: Simulator) -> list[tuple[str, Letter]]:
    return [
        (label, letter)
        for label, letter in simulator.kelurahan_office.letters.items()
        if letter.kind is RequestKind.DRIVE
    ]


def _drive(letter: Letter, cases: list[Case]) -> Drive:
    assert letter.drives is not None
    assert letter.site is not None
    days = Counter(day for case in cases for day in case.visited)
    fullest = min(days, key=lambda day: (-days[day], day), default=None)
    return Drive(
        place=letter.drives.place,
        name=letter.site.name,
        kelurahan=kelurahan(letter.kelurahan).name,
        headcount=letter.headcount,
        residents=len(cases),
        recorded=sum(case.outcome is Outcome.RECORDED for case in cases),
        days=len(days),
        most_a_day=days[fullest] if fullest else 0,
        fullest=fullest,
    )


def _places(simulator: Simulator) -> list[Place]:
    visits: Counter[str] = Counter()
    for case in simulator.cases.values():
        visits[case.kelurahan] += len(case.visited)
    return [
        Place(k.code, k.name, k.kecamatan, k.lat, k.lng, visits[k.code]) for k in kelurahan_of(simulator.city.office)
    ]


async def _reports(simulator: Simulator, found: Story) -> None:
    office = simulator.city.office
    by_day = await _reports_by_day(simulator)
    closing = 0
    for day in found.days:
        report = by_day.get(day.day, {"opening": closing, "closing": closing})
        day.reported = day.day in by_day
        day.opening, closing = report["opening"], report["closing"]
        day.closing = closing
        day.received, day.printed = report.get("received", 0), report.get("printed", 0)
        day.spoiled = report.get("spoiled", 0)
    stock = await simulator.client.get("inventory", f"/offices/{office}/stock", Role.STOREKEEPER, office)
    found.on_hand = stock["on_hand"]


async def _reports_by_day(simulator: Simulator) -> dict[date, dict[str, Any]]:
    """All daily reports there are, a page after the other."""
    office = simulator.city.office
    found: dict[date, dict[str, Any]] = {}
    query: dict[str, str] = {}
    while True:
        page = await simulator.client.get(
            "inventory", f"/offices/{office}/reports", Role.STOREKEEPER, office, **query
        )
        found |= {date.fromisoformat(report["day"]): report for report in page["reports"]}
        if page["next"] is None:
            return found
        query = {"before": page["next"]}


async def _alerts(simulator: Simulator, found: Story) -> None:
    tz, supply = simulator.office.tz, simulator.supply

    def moment(value: str | None) -> datetime | None:
        return datetime.fromisoformat(value).astimezone(tz) if value else None

    alerts = await supply.alerts()
    told = await supply.told(len(alerts))
    for alert in alerts:
        raised = moment(alert["raised_at"])
        assert raised is not None
        found.alerts.append(
            Alert(
                alert["level"],
                raised.date(),
                supply.answer_due(raised.date()),
                told[alert["alert_id"]],
                alert["crossing"],
                moment(alert["acknowledged_at"]),
                moment(alert["resolved_at"]),
            )
        )
    found.alerts.sort(key=lambda alert: alert.crossing)


async def _timeline(simulator: Simulator, found: Story) -> None:
    """The first resident at home who was recorded at the first visit and has the card."""
    cases = (case for case in simulator.cases.values() if case.kind is RequestKind.HOME_VISIT)
    handed = [case for case in cases if case.handed_over and len(case.visited) == 1]
    if not handed:
        return
    case = min(handed, key=lambda c: c.label)
    request_id = simulator.request_ids[case.label.rpartition("/")[0]]
    answer = await simulator.client.get("requests", f"/requests/{request_id}", Role.OPERATOR, case.kelurahan)
    mine = next(c for c in answer["cases"] if c["case_id"] == case.case_id)
    found.timeline_kelurahan = kelurahan(case.kelurahan).name
    for step in mine["stages"]:
        at = datetime.fromisoformat(step["at"]).astimezone(simulator.office.tz)
        found.timeline.append(Step(step["stage"], at))
