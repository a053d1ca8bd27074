"""One resident's case, from the visit to the hand: what the seed decides, and the commands that tell of it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid5

from ops.simulate.agenda import Agenda
from ops.simulate.city import City
from ops.simulate.line import NAMESPACE, Command, Line, Turned
from ops.simulate.story import Day
from shared.auth import Role
from shared.fields import Outcome, Receiver, SpoilCause
from shared.offices import Office

LAST_PRINT = time(15, 40)
FIRST_PRINT = time(8, 40)
STATION = "P1"
CONFLICT = 409


@dataclass
class Case:
    """A resident's application, by the label that names it in every run."""

    label: str
    case_id: str
    kelurahan: str
    visits: int = 0
    prints: int = 0
    handed_over: bool = False


class Casework:
    """Makes visits and prints cards for one office."""

    def __init__(self, city: City, office: Office, seed: int, line: Line, agenda: Agenda) -> None:
        self._city, self._office, self._seed = city, office, seed
        self._line, self._agenda = line, agenda
        self.today = Day(city.first_day, working=False)
        self.outcomes: dict[str, int] = {}

    def _random(self, *parts: object) -> Random:
        return Random("/".join(map(str, (self._seed, *parts))))

    async def visit(self, case: Case, visit_id: str, at: datetime) -> None:
        """The team was there: tell what came of it, and go on if it was recorded."""
        case.visits += 1
        random = self._random(case.label, "visit", case.visits)
        weights = dict(self._city.outcomes)
        outcome = random.choices(list(weights), list(weights.values()))[0]
        await self._command(
            f"{case.label}/outcome/{case.visits}", f"/visits/{visit_id}/outcome", Role.OFFICER, at, outcome=outcome
        )
        self.today.visits += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if outcome is Outcome.RECORDED:
            self.today.recorded += 1
            self._then(self._answered(random, at), case, self._print_ready)

    def _answered(self, random: Random, at: datetime) -> datetime:
        """When the centre answers PRR: mostly within the hour, now and then the next working day."""
        if random.random() < self._city.next_day_prr:
            return self._next_morning(at, time(8, 5))
        return at + timedelta(minutes=random.randint(15, 60))

    async def _print_ready(self, case: Case, at: datetime) -> None:
        await self._command(f"{case.label}/prr", f"/cases/{case.case_id}/print-ready", Role.PRINT_OPERATOR, at)
        soon = at + timedelta(minutes=10)
        self._then(self._at_the_station(soon), case, self._print)

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
        except Turned as turned:
            if turned.status != CONFLICT:
                raise
            self._then(self._next_morning(at, FIRST_PRINT), case, self._print)
            return
        self.today.prints += 1
        if random.random() < 0.3 and at.hour < 13:
            self._then(at + timedelta(minutes=random.randint(90, 150)), case, self._hand_over)
        else:
            clock = time(9, 0) if random.random() < 0.5 else time(10, 30)
            self._then(self._next_morning(at, clock), case, self._hand_over)

    async def _hand_over(self, case: Case, at: datetime) -> None:
        random = self._random(case.label, "hand")
        receiver = random.choices((Receiver.RESIDENT, Receiver.FAMILY, Receiver.KELURAHAN), (60, 32, 8))[0]
        path = f"/cases/{case.case_id}/handover"
        await self._command(f"{case.label}/handover", path, Role.OFFICER, at, receiver=receiver)
        self.today.handed_over += 1
        case.handed_over = True

    async def _at_printer(self, case: Case, what: str, at: datetime, **more: Any) -> None:
        name = f"{case.label}/{what}/{case.prints}"
        body = {
            "print_id": str(uuid5(NAMESPACE, f"{self._seed}/{name}")),
            "station": STATION,
            "serial": "B" + hashlib.sha256(name.encode()).hexdigest()[:10].upper(),
            **more,
        }
        await self._command(name, f"/cases/{case.case_id}/{what}s", Role.PRINT_OPERATOR, at, **body)

    async def _command(self, what: str, path: str, role: Role, at: datetime, **body: Any) -> Any:
        return await self._line.post(Command(what, "dispatch", path, role, self._office.code, at, body))

    def _then(self, at: datetime, case: Case, act: Callable[[Case, datetime], Awaitable[None]]) -> None:
        self._agenda.add(at, case.label, lambda: act(case, at))

    def _at_the_station(self, at: datetime) -> datetime:
        """Not before the station opens, and not after its last print of the day."""
        if at.time() > LAST_PRINT:
            return self._next_morning(at, FIRST_PRINT)
        return max(at, self._office.moment(at.date(), FIRST_PRINT))

    def _next_morning(self, at: datetime, clock: time) -> datetime:
        return self._office.moment(self._office.working_day_after(at.date(), 1), clock)
