"""Conducts the days of an office: letters, visits, prints, stock and the ticks of business time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Protocol

from lab.simulate.agenda import Agenda, PlannedStep, Work
from lab.simulate.casework import Case, Casework
from lab.simulate.kelurahan import KelurahanOffice
from lab.simulate.outcome.story import Day
from lab.simulate.population.city import City
from lab.simulate.province import Supply
from lab.simulate.service_client import Command, ServiceClient
from ops.system import SERVICES
from shared.reference.offices import Offices
from shared.security.auth import Role

MORNING, REPORT, EVENING = time(6, 30), time(16, 0), time(18, 0)


class Watcher(Protocol):
    """Is told what happens in a simulation."""

    def began(self, day: date, number: int, of: int) -> None:
        """A day begins."""

    def moved(self, day: Day, on_hand: int) -> None:
        """Figures of the day changed."""

    def said(self, at: datetime, words: str) -> None:
        """Something happened, in Indonesian."""


class SilentWatcher:
    """A watcher that shows nothing."""

    def began(self, day: date, number: int, of: int) -> None: ...

    def moved(self, day: Day, on_hand: int) -> None: ...

    def said(self, at: datetime, words: str) -> None: ...


class Simulator:
    """One office over some days. `wait_quiescent` returns once nothing is outstanding anywhere.

    It survives services and servers that die: commands go out again under their keys until they are answered.
    """

    def __init__(
        self,
        city: City,
        *,
        seed: int,
        client: ServiceClient,
        wait_quiescent: Callable[[], Awaitable[None]],
        days: int = 30,
        watcher: Watcher | None = None,
    ) -> None:
        self.city, self.seed, self.days = city, seed, days
        self.office = Offices.load()[city.office]
        self.client, self.wait_quiescent = client, wait_quiescent
        self.watcher: Watcher = watcher or SilentWatcher()
        self.agenda = Agenda()
        self.casework = Casework(city, self.office, seed, client, self.agenda)
        self.supply = Supply(city, self.office, client, wait_quiescent, self.watcher.said)
        self.kelurahan_office = KelurahanOffice(city, self.office, seed, client)
        self.cases, self.request_ids = self.kelurahan_office.cases, self.kelurahan_office.request_ids
        self.figures: list[Day] = []
        self._trays = 0
        self._loaded: Counter[str] = Counter()

    async def run(self) -> None:
        """All days, until nothing is outstanding. Raises CommandRejected or httpx.TransportError when a command stays
        unanswered."""
        calendar = self.city.calendar(self.days)
        await self._tick(calendar[0], MORNING)
        await self.supply.open(calendar[0])
        try:
            for number, day in enumerate(calendar, start=1):
                self.watcher.began(day, number, len(calendar))
                await self._day(day)
            await self.wait_quiescent()
        except BaseExceptionGroup as group:
            raise _first(group) from group

    async def _day(self, day: date) -> None:
        figures = Day(day, working=self.office.works_on(day))
        self.casework.today = self.kelurahan_office.today = figures
        self.figures.append(figures)
        await self._tick(day, MORNING)
        if figures.working:
            await self._working_day(day)
        else:
            await self.wait_quiescent()
            await self._field(day)
        await self._tick(day, REPORT)
        await self._tick(day, EVENING)
        await self._look(figures)

    async def _working_day(self, day: date) -> None:
        await self.wait_quiescent()
        await self.supply.morning(day)
        await self._fill_trays(day)
        field = asyncio.create_task(self._field(day))
        try:
            await self.kelurahan_office.work(day)
        finally:
            await field

    async def _plan_visits(self, day: date) -> None:
        """Ask who is visited today, and put each visit on the agenda at the time it ends."""
        answer = await self.client.get(
            "dispatch", "/visits", Role.OFFICER, self.city.office, office=self.city.office, day=day.isoformat()
        )
        for visit in (found for found in answer["items"] if found["outcome"] is None):
            case = self.cases[visit["case_id"]]
            at = datetime.fromisoformat(visit["ends_at"]).astimezone(self.office.tz)
            self.agenda.add(at, case.label, self._visit(case, visit["visit_id"], at), Work.VISIT)

    def _visit(self, case: Case, visit_id: str, at: datetime) -> Callable[[], Awaitable[None]]:
        return lambda: self.casework.visit(case, visit_id, at)

    async def _field(self, day: date) -> None:
        """The teams go out, at weekends too: to the places that prefer it."""
        await self._plan_visits(day)
        while chains := self.agenda.chains(day):
            self.casework.give_printers(chains, day)
            async with asyncio.TaskGroup() as group:
                for chain in chains.values():
                    group.create_task(self._follow(chain))

    async def _follow(self, chain: list[PlannedStep]) -> None:
        for todo in chain:
            await todo.act()

    async def _fill_trays(self, day: date) -> None:
        """Fill up what was used since."""
        for station in self.city.stations:
            missing = station.tray - (self._loaded[station.code] - self.casework.printers.used[station.code])
            if missing:
                self._trays += 1
                self._loaded[station.code] += missing
                await self.supply.load_tray(day, self._trays, station.code, missing)

    async def _tick(self, day: date, clock: time) -> None:
        await self.wait_quiescent()
        at = self.office.moment(day, clock)
        async with asyncio.TaskGroup() as group:
            for service in SERVICES:
                command = Command(f"tick/{service}/{at.isoformat()}", service, "/clock", Role.OPS, "", at)
                group.create_task(self.client.post(command))

    async def _look(self, figures: Day) -> None:
        stock = await self.client.get(
            "inventory", f"/offices/{self.city.office}/stock", Role.STOREKEEPER, self.city.office
        )
        figures.low_at, figures.critical_at = stock["low_at"], stock["critical_at"]
        figures.recovered_at = stock["recovered_at"]
        self.watcher.moved(figures, stock["on_hand"])


def _first(error: BaseException) -> BaseException:
    """The error that made a group of tasks fail: the others were cancelled because of it, or failed alike."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
