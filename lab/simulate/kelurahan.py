"""The kelurahan: files letters and corrects what was wrong with them, one command after the other."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from lab.simulate.agenda import Agenda, Work
from lab.simulate.casework import Case
from lab.simulate.outcome.story import Day, Tally
from lab.simulate.population.city import City
from lab.simulate.population.letters import Letter, Mishap, letters
from lab.simulate.population.people import Resident
from lab.simulate.population.resident_list import ResidentPool
from lab.simulate.service_client import Command, CommandRejected, ServiceClient
from shared.reference.offices import Office
from shared.security.auth import Role

LIST_COMES, PAPERS_COME = time(9, 15), time(8, 30)
UNTIL_MISHAP = timedelta(hours=1)
NEVER = 0.08
"""Share of those whose papers are missing who never bring them."""
REFUSED, TAKEN = 422, 409

Body = Callable[[tuple[Resident, ...]], dict[str, Any]]


class KelurahanOffice:
    """All that an office's kelurahan tell the service of requests."""

    def __init__(self, city: City, office: Office, seed: int, client: ServiceClient) -> None:
        self._city, self._office, self._seed, self._client = city, office, seed, client
        self._residents = ResidentPool(city, seed)
        self.agenda = Agenda()
        self.request_ids: dict[str, str] = {}
        self.cases: dict[str, Case] = {}
        self.letters: dict[str, Letter] = {}
        self.cases_of: dict[str, list[Case]] = {}
        """By the label of their letter, as they were filed."""
        self.tally = Tally()
        self.today = Day(city.first_day, working=False)

    async def work(self, day: date) -> None:
        """What is due on a working day, in order of time."""
        for letter in letters(self._city, self._office, self._seed, day, self._residents):
            self._later(letter.at, letter, self._file, Work.LETTER)
        while due := self.agenda.due(day):
            for todo in due:
                await todo.act()

    async def _file(self, letter: Letter, at: datetime) -> None:
        listed_later = letter.drives is not None and letter.drives.listed_after > 0
        first = () if listed_later else letter.residents
        answer, filed = await self._offer(f"{letter.label}/file", "/requests", letter, at, first, letter.body)
        if answer is None:
            return
        self.request_ids[letter.label] = answer["request_id"]
        self.letters[letter.label], self.cases_of[letter.label] = letter, []
        self._keep(letter, at, answer, filed)
        if letter.drives is not None and listed_later:
            day = self._office.working_day_after(at.date(), letter.drives.listed_after)
            self._later(self._office.moment(day, LIST_COMES), letter, self._list, Work.LIST)
        self._plan_mishap(letter, at)

    async def _list(self, letter: Letter, at: datetime) -> None:
        """The institution sends the list of its residents."""

        def body(residents: tuple[Resident, ...]) -> dict[str, Any]:
            return {"documents_complete": False, "residents": [resident.body() for resident in residents]}

        path = f"/requests/{self.request_ids[letter.label]}/residents"
        answer, listed = await self._offer(f"{letter.label}/list", path, letter, at, letter.residents, body)
        if answer is not None:
            self._keep(letter, at, answer, listed)

    async def _offer(
        self, what: str, path: str, letter: Letter, at: datetime, residents: tuple[Resident, ...], body: Body
    ) -> tuple[Any, tuple[Resident, ...]]:
        """Offer residents; without those whom a rule refuses once more. None when nobody is left."""
        try:
            return await self._send(what, path, letter, at, body(residents)), residents
        except CommandRejected as turned:
            if turned.status != REFUSED:
                raise
            refused = self.tally.refuse(turned.errors)
            if not refused:
                raise
        left = tuple(resident for number, resident in enumerate(residents) if number not in refused)
        if not left:
            return None, ()
        return await self._send(f"{what}/mended", path, letter, at, body(left)), left

    def _keep(self, letter: Letter, at: datetime, answer: Any, residents: Sequence[Resident]) -> None:
        cases = self.cases_of[letter.label]
        for resident, found in zip(residents, answer["cases"], strict=True):
            label = f"{letter.label}/{len(cases)}"
            case = Case(label, found["case_id"], letter.kelurahan, letter.kind, resident, tuple(found["missing"]))
            self.cases[case.case_id] = case
            cases.append(case)
            self.today.filed += 1
            if case.missing:
                self.tally.incomplete += 1
            else:
                self.tally.accepted += 1
        self.tally.warnings += len(answer["warnings"])
        waiting = any(case.missing for case in cases)
        if waiting and self._random(letter, "papers").random() >= NEVER:
            next_day = self._office.working_day_after(at.date(), 1)
            self._later(self._office.moment(next_day, PAPERS_COME), letter, self._complete, Work.PAPERS)

    async def _complete(self, letter: Letter, at: datetime) -> None:
        """The missing papers are shown: all of a letter at once, or each resident's."""
        open_cases = [case for case in self.cases_of[letter.label] if not case.ended]
        waiting = [case for case in open_cases if case.missing]
        if not waiting:
            return
        path = f"/requests/{self.request_ids[letter.label]}"
        if len(waiting) == len(open_cases):
            await self._send(f"{letter.label}/accept", f"{path}/accept", letter, at, {})
        else:
            for case in waiting:
                shown = {"documents": [*case.missing]}
                await self._send(
                    f"{case.label}/documents", f"{path}/cases/{case.case_id}/documents", letter, at, shown
                )
        for case in waiting:
            case.missing = ()
        self.tally.completed += len(waiting)
        self.tally.accepted += len(waiting)

    def _plan_mishap(self, letter: Letter, at: datetime) -> None:
        """On the same day: no visit is promised before the evening."""
        acts = {
            Mishap.AGAIN: self._file_again,
            Mishap.CANCELLED: self._cancel,
            Mishap.WITHDRAWN: self._withdraw,
            Mishap.AMENDED: self._amend,
        }
        if letter.mishap in acts:
            self._later(at + UNTIL_MISHAP, letter, acts[letter.mishap], Work.LETTER)

    async def _file_again(self, letter: Letter, at: datetime) -> None:
        """By mistake: it is answered that each is on its way already."""
        residents = tuple(case.resident for case in self.cases_of[letter.label])
        self.tally.tried_again += 1
        try:
            await self._send(f"{letter.label}/again", "/requests", letter, at, letter.body(residents))
        except CommandRejected as turned:
            if turned.status != TAKEN:
                raise
            self.tally.known_already += 1

    async def _cancel(self, letter: Letter, at: datetime) -> None:
        path = f"/requests/{self.request_ids[letter.label]}/cancel"
        await self._send(f"{letter.label}/cancel", path, letter, at, {"reason": "asked_by_resident"})
        self._end(self.cases_of[letter.label])
        self.tally.cancelled += 1

    async def _withdraw(self, letter: Letter, at: datetime) -> None:
        case = self.cases_of[letter.label][-1]
        path = f"/requests/{self.request_ids[letter.label]}/cases/{case.case_id}/withdraw"
        reason = self._random(letter, "withdraw").choice(("moved_away", "deceased", "asked_by_resident"))
        await self._send(f"{case.label}/withdraw", path, letter, at, {"reason": reason})
        self._end([case])
        self.tally.withdrawn += 1

    async def _amend(self, letter: Letter, at: datetime) -> None:
        """Another telephone, or somebody asks for a woman among the officers."""
        case = self.cases_of[letter.label][0]
        path = f"/requests/{self.request_ids[letter.label]}/cases/{case.case_id}"
        needs = sorted({*case.resident.needs, "female_officer"})
        change = self._random(letter, "amend").choice(({"phone": "084000009999"}, {"needs": needs}))
        await self._send(f"{case.label}/amend", path, letter, at, change, method="PATCH")
        self.tally.amended += 1

    def _end(self, cases: Sequence[Case]) -> None:
        for case in cases:
            case.ended = True

    def _random(self, letter: Letter, what: str) -> Random:
        return Random(f"{self._seed}/{letter.label}/{what}")

    def _later(self, at: datetime, letter: Letter, act: Callable[[Letter, datetime], Any], work: Work) -> None:
        self.agenda.add(at, letter.label, lambda: act(letter, at), work)

    async def _send(
        self, what: str, path: str, letter: Letter, at: datetime, body: dict[str, Any], method: str = "POST"
    ) -> Any:
        command = Command(what, "requests", path, Role.OPERATOR, letter.kelurahan, at, body, method)
        return await self._client.post(command)
