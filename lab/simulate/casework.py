"""One resident's case, from the visit to the handover: what the seed decides, and the commands that follow."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid5

from lab.simulate.agenda import Agenda, PlannedStep, Work
from lab.simulate.outcome.story import Day
from lab.simulate.population.city import City
from lab.simulate.population.people import Resident
from lab.simulate.population.weighted_choice import weighted_choice
from lab.simulate.printers import Printers
from lab.simulate.service_client import NAMESPACE, Command, CommandRejected, ServiceClient
from shared.contract.fields import (
    DestroyCause,
    EndReason,
    Outcome,
    Receiver,
    RequestKind,
    ResumeReason,
    ServiceCode,
    SpoilCause,
    Stage,
)
from shared.reference.offices import Office
from shared.security.auth import Role

LAST_PRINT = time(15, 40)
FIRST_PRINT = time(8, 40)
CONFLICT = 409
CARD_AGE = 17


@dataclass
class Case:
    """A resident's application, by the label that names it in every run."""

    label: str
    case_id: str
    kelurahan: str
    kind: RequestKind
    resident: Resident
    missing: tuple[str, ...] = ()
    """Papers that were not shown yet."""
    ended: bool = False
    """Withdrawn, or cancelled with its letter."""
    visited: list[date] = field(default_factory=list)
    outcome: Outcome | None = None
    prints: int = 0
    handed_over: bool = False

    def may_print_from(self, at: datetime) -> date:
        """The card is printed from the 17th birthday on; who is or was married may have it before."""
        if self.resident.marital_status != "belum_kawin":
            return at.date()
        return max(at.date(), self.resident.birthday(CARD_AGE))


class Casework:
    """Makes visits and prints cards for one office."""

    def __init__(self, city: City, office: Office, seed: int, client: ServiceClient, agenda: Agenda) -> None:
        self._city, self._office, self._seed = city, office, seed
        self._client, self._agenda = client, agenda
        self.today = Day(city.first_day, working=False)
        self.outcomes: dict[str, int] = {}
        self.printers = Printers(city.stations)
        self._to_be_printed: dict[str, Case] = {}
        self._station: dict[str, str] = {}

    def _random(self, *parts: object) -> Random:
        return Random("/".join(map(str, (self._seed, *parts))))

    async def visit(self, case: Case, visit_id: str, at: datetime) -> None:
        """The team was there: tell what came of it, and go on if it was recorded."""
        case.visited.append(at.date())
        times = len(case.visited)
        random = self._random(case.label, "visit", times)
        outcome = self._outcome(case, random)
        answer = await self._command(
            f"{case.label}/outcome/{times}", f"/visits/{visit_id}/outcome", Role.OFFICER, at, outcome=outcome
        )
        case.outcome = outcome
        self.today.visits += 1
        self.today.at_drives += case.kind is RequestKind.DRIVE
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if outcome is Outcome.RECORDED:
            self.today.recorded += 1
            self._then(self._answered(random, at), case, self._print_ready, Work.PRINT_READY)
        elif self._city.decides and answer["stage"] == Stage.VISITED:
            self._then(self._next_morning(at, time(8, 10)), case, self._decide, Work.DECISION)

    async def _decide(self, case: Case, at: datetime) -> None:
        """After the last visit without a record, unless it was withdrawn meanwhile."""
        if case.ended:
            return
        times = len(case.visited)
        again = self._random(case.label, "decision", times).random() < 0.5
        body = (
            {"decision": "again", "reason": ResumeReason.RESIDENT_READY}
            if again
            else {"decision": "close", "reason": EndReason.NO_RECORD}
        )
        path = f"/cases/{case.case_id}/decide"
        await self._command(f"{case.label}/decision/{times}", path, Role.DISPATCHER, at, **body)
        case.ended = not again

    def _outcome(self, case: Case, random: Random) -> Outcome:
        """What happens to some happens to nobody else."""
        possible = dict(self._city.outcomes)
        resident = case.resident
        for outcome, applies in (
            (Outcome.RELAPSED, resident.reason == "odgj"),
            (Outcome.ALREADY_RECORDED, resident.service == ServiceCode.FIRST),
            (Outcome.UNDER_AGE, (self._city.first_day - resident.birth_date).days < 17 * 365),
        ):
            if not applies:
                possible.pop(outcome, None)
        return weighted_choice(random, [*possible.items()])

    def _answered(self, random: Random, at: datetime) -> datetime:
        """When the centre answers PRR: mostly within the hour, now and then the next working day."""
        if random.random() < self._city.next_day_prr:
            return self._next_morning(at, time(8, 5))
        return at + timedelta(minutes=random.randint(15, 60))

    async def _print_ready(self, case: Case, at: datetime) -> None:
        await self._command(f"{case.label}/prr", f"/cases/{case.case_id}/print-ready", Role.PRINT_OPERATOR, at)
        self._to_print(self._at_the_station(case, at + timedelta(minutes=10)), case)

    def give_printers(self, chains: dict[str, list[PlannedStep]], day: date) -> None:
        """Each card that is due gets a printer, those that wait longest first; the others wait until tomorrow."""
        for todo in sorted(todo for chain in chains.values() for todo in chain if todo.work is Work.PRINT):
            station = self.printers.give(day)
            if station is not None:
                self._station[todo.chain] = station
                continue
            chains[todo.chain].remove(todo)
            tomorrow = self._next_morning(self._office.moment(day, FIRST_PRINT), FIRST_PRINT)
            self._to_print(tomorrow, self._to_be_printed[todo.chain])

    async def _print(self, case: Case, at: datetime) -> None:
        """Print, sometimes after a card was spoiled. Held back by rationing, it waits for the next working day."""
        case.prints += 1
        random = self._random(case.label, "print", case.prints)
        try:
            if case.prints == 1 and random.random() < self._city.spoiled:
                cause = random.choice((SpoilCause.MISPRINT, SpoilCause.FACTORY_DEFECT))
                await self._at_printer(case, "spoil", at - timedelta(minutes=4), cause=cause)
                self.today.spoils += 1
            await self._at_printer(case, "print", at)
        except CommandRejected as turned:
            if turned.status != CONFLICT:
                raise
            self._to_print(self._next_morning(at, FIRST_PRINT), case)
            return
        self.today.prints += 1
        if self._random(case.label, "wrong", case.prints).random() < self._city.found_wrong:
            self._then(self._next_morning(at, time(8, 15)), case, self._destroy, Work.DESTRUCTION)
        elif random.random() < 0.3 and at.hour < 13:
            self._then(at + timedelta(minutes=random.randint(90, 150)), case, self._hand_over, Work.HAND_OVER)
        else:
            clock = time(9, 0) if random.random() < 0.5 else time(10, 30)
            self._then(self._next_morning(at, clock), case, self._hand_over, Work.HAND_OVER)

    async def _destroy(self, case: Case, at: datetime) -> None:
        """The card is found wrong: it is destroyed, and printed again."""
        body = {"print_id": self._print_id(f"{case.label}/print/{case.prints}"), "cause": DestroyCause.MISPRINT}
        path = f"/cases/{case.case_id}/destroy"
        await self._command(f"{case.label}/destroy/{case.prints}", path, Role.OFFICER, at, **body)
        self._to_print(self._at_the_station(case, at + timedelta(minutes=10)), case)

    async def _hand_over(self, case: Case, at: datetime) -> None:
        random = self._random(case.label, "hand")
        receiver = random.choices((Receiver.RESIDENT, Receiver.FAMILY, Receiver.KELURAHAN), (60, 32, 8))[0]
        path = f"/cases/{case.case_id}/handover"
        await self._command(f"{case.label}/handover", path, Role.OFFICER, at, receiver=receiver)
        self.today.handed_over += 1
        case.handed_over = True

    def _print_id(self, name: str) -> str:
        return str(uuid5(NAMESPACE, f"{self._seed}/{name}"))

    async def _at_printer(self, case: Case, what: str, at: datetime, **more: Any) -> None:
        name, station = f"{case.label}/{what}/{case.prints}", self._station[case.label]
        body = {
            "print_id": self._print_id(name),
            "station": station,
            "serial": "B" + hashlib.sha256(name.encode()).hexdigest()[:10].upper(),
            **more,
        }
        await self._command(name, f"/cases/{case.case_id}/{what}s", Role.PRINT_OPERATOR, at, **body)
        self.printers.used[station] += 1

    async def _command(self, what: str, path: str, role: Role, at: datetime, **body: Any) -> Any:
        return await self._client.post(Command(what, "dispatch", path, role, self._office.code, at, body))

    def _then(self, at: datetime, case: Case, act: Callable[[Case, datetime], Awaitable[None]], work: Work) -> None:
        self._agenda.add(at, case.label, lambda: act(case, at), work)

    def _to_print(self, at: datetime, case: Case) -> None:
        self._to_be_printed[case.label] = case
        self._agenda.add(at, case.label, lambda: self._print(case, at), Work.PRINT)

    def _at_the_station(self, case: Case, at: datetime) -> datetime:
        """Not before the card may be printed nor the station opens, and not after its last print of the day."""
        day = case.may_print_from(at)
        if day > at.date():
            return self._office.moment(self._office.working_day_after(day, 0), FIRST_PRINT)
        if at.time() > LAST_PRINT or not self._office.works_on(at.date()):
            return self._next_morning(at, FIRST_PRINT)
        return max(at, self._office.moment(at.date(), FIRST_PRINT))

    def _next_morning(self, at: datetime, clock: time) -> datetime:
        return self._office.moment(self._office.working_day_after(at.date(), 1), clock)
