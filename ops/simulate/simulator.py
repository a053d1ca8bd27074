"""Conducts the days of an office: letters, visits, prints, stock and the ticks of business time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Protocol

from ops.simulate import findings
from ops.simulate.agenda import Agenda, Todo
from ops.simulate.cases import Case, Casework
from ops.simulate.city import City
from ops.simulate.letters import Letter, letters
from ops.simulate.line import Command, Line
from ops.simulate.province import Supply
from ops.simulate.story import Day, Story
from ops.system import SERVICES
from shared.auth import Role
from shared.offices import Offices

MORNING, REPORT, EVENING = time(6, 30), time(16, 0), time(18, 0)


class Watcher(Protocol):
    """Somebody who looks on."""

    def began(self, day: date, number: int, of: int) -> None:
        """A day begins."""

    def moved(self, day: Day, on_hand: int) -> None:
        """Figures of the day changed."""

    def said(self, at: datetime, words: str) -> None:
        """Something happened, in Indonesian."""


class Nobody:
    """A watcher who does not look."""

    def began(self, day: date, number: int, of: int) -> None: ...

    def moved(self, day: Day, on_hand: int) -> None: ...

    def said(self, at: datetime, words: str) -> None: ...


class Simulator:
    """One office over some days. `quiet` returns once nothing is outstanding anywhere.

    It survives services and servers that die: commands go out again under their keys until they are answered.
    """

    def __init__(
        self,
        city: City,
        *,
        seed: int,
        line: Line,
        quiet: Callable[[], Awaitable[None]],
        days: int = 30,
        watcher: Watcher | None = None,
    ) -> None:
        self.city, self.seed, self.days = city, seed, days
        self.office = Offices.load()[city.office]
        self.line, self.quiet = line, quiet
        self.watcher: Watcher = watcher or Nobody()
        self.agenda = Agenda()
        self.casework = Casework(city, self.office, seed, line, self.agenda)
        self.supply = Supply(city, self.office, line, quiet, self.watcher.said)
        self.cases: dict[str, Case] = {}
        self.request_ids: dict[str, str] = {}
        self.figures: list[Day] = []
        self.thresholds = (0, 0)
        self._trays = 0
        self._loaded = 0

    async def run(self) -> Story:
        """All days, then the story. Raises Turned or httpx.TransportError when a command stays unanswered."""
        calendar = self.city.calendar(self.days)
        await self.supply.open(calendar[0])
        try:
            for number, day in enumerate(calendar, start=1):
                self.watcher.began(day, number, len(calendar))
                await self._day(day)
            await self.quiet()
            return await findings.story(self)
        except BaseExceptionGroup as group:
            raise _first(group) from group
        finally:
            await self.supply.receiver.stop()

    async def _day(self, day: date) -> None:
        figures = Day(day, working=self.office.works_on(day))
        self.casework.today = figures
        self.figures.append(figures)
        await self._tick(day, MORNING)
        if figures.working:
            await self._working_day(day)
        await self._tick(day, REPORT)
        await self._tick(day, EVENING)
        await self._look(figures)

    async def _working_day(self, day: date) -> None:
        await self.quiet()
        await self.supply.morning(day)
        await self._fill_tray(day)
        visits = asyncio.create_task(self._plan_visits(day))
        await self._file(letters(self.city, self.office, self.seed, day), visits)

    async def _file(self, due: list[Letter], visits: "asyncio.Task[None]") -> None:
        """Letters one after the other, as the office numbers them; the field works meanwhile."""
        field = asyncio.create_task(self._field(due[0].at.date(), visits))
        try:
            for letter in due:
                await self._file_one(letter)
        finally:
            await field

    async def _file_one(self, letter: Letter) -> None:
        kelurahan = letter.kelurahan.code
        command = Command(
            f"{letter.label}/file", "requests", "/requests", Role.OPERATOR, kelurahan, letter.at, letter.body
        )
        answer = await self.line.post(command)
        self.request_ids[letter.label] = answer["request_id"]
        self.casework.today.filed += letter.residents
        for number, case_id in enumerate(answer["case_ids"]):
            self.cases[case_id] = Case(f"{letter.label}/{number}", case_id, kelurahan)
        if not letter.complete:
            next_day = self.office.working_day_after(letter.at.date(), 1)
            self._accept_later(letter, self.office.moment(next_day, time(8, 30)))

    def _accept_later(self, letter: Letter, at: datetime) -> None:
        async def accept() -> None:
            path = f"/requests/{self.request_ids[letter.label]}/accept"
            kelurahan = letter.kelurahan.code
            await self.line.post(Command(f"{letter.label}/accept", "requests", path, Role.OPERATOR, kelurahan, at))

        self.agenda.add(at, letter.label, accept)

    async def _plan_visits(self, day: date) -> None:
        """Ask who is visited today, and put each visit on the agenda at the time it ends."""
        answer = await self.line.get(
            "dispatch", "/visits", Role.OFFICER, self.city.office, office=self.city.office, day=day.isoformat()
        )
        for visit in (found for found in answer["items"] if found["outcome"] is None):
            case = self.cases[visit["case_id"]]
            at = datetime.fromisoformat(visit["ends_at"]).astimezone(self.office.tz)
            self.agenda.add(at, case.label, self._visit(case, visit["visit_id"], at))

    def _visit(self, case: Case, visit_id: str, at: datetime) -> Callable[[], Awaitable[None]]:
        return lambda: self.casework.visit(case, visit_id, at)

    async def _field(self, day: date, visits: "asyncio.Task[None]") -> None:
        await visits
        while chains := self.agenda.chains(day):
            async with asyncio.TaskGroup() as group:
                for chain in chains.values():
                    group.create_task(self._follow(chain))

    async def _follow(self, chain: list[Todo]) -> None:
        for todo in chain:
            await todo.act()

    async def _fill_tray(self, day: date) -> None:
        """Fill up what was used since."""
        used = sum(figures.prints + figures.spoils for figures in self.figures)
        missing = self.city.tray - (self._loaded - used)
        if missing:
            self._trays += 1
            self._loaded += missing
            await self.supply.load_tray(day, self._trays, missing)

    async def _tick(self, day: date, clock: time) -> None:
        await self.quiet()
        at = self.office.moment(day, clock)
        async with asyncio.TaskGroup() as group:
            for service in SERVICES:
                command = Command(f"tick/{service}/{at.isoformat()}", service, "/clock", Role.OPS, "", at)
                group.create_task(self.line.post(command))

    async def _look(self, figures: Day) -> None:
        stock = await self.line.get(
            "inventory", f"/offices/{self.city.office}/stock", Role.STOREKEEPER, self.city.office
        )
        if figures is self.figures[0]:
            self.thresholds = (stock["low_at"], stock["critical_at"])
        self.watcher.moved(figures, stock["on_hand"])


def _first(error: BaseException) -> BaseException:
    """The error that made a group of tasks fail: the others were cancelled because of it, or failed alike."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
