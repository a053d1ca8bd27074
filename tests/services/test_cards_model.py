"""Whatever is done in requests and in dispatch, however late and often they hear of one another: no printed card is
ever without a fate, and no NIK is free while a card of it is outstanding. Real services on real databases.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import cycle, product
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ops.system import Issuer
from services.dispatch.store import cases as dispatch_cases
from services.dispatch.usecases import printing
from shared.contract.envelope import MessageContext
from shared.contract.fields import DestroyCause, Outcome, Receiver
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.security.auth import Identity, Role
from tests.services.cards_model import OFFICE, Three, serial_of
from tests.services.dispatch.room import open_room
from tests.services.requests.desk import Desk, letter, resident

WHO = Identity("model", Role.OFFICER, OFFICE)
CLOSED = ("rejected", "cancelled", "handed_over")
LINES = ("to dispatch", "to requests", "to inventory")
STEP = timedelta(hours=6)
_numbers = itertools.count(1)


class _RolledBack(Exception):
    """It was only tried."""


@pytest.fixture
async def three(
    desk: Desk, database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Three]:
    stock = await Database.connect(await database("inventory"), size=2)
    async with open_room(await database("dispatch"), issuer, token) as room:
        yield Three.of(desk, room, stock)
    await stock.close()


class World:
    """The three services and their time, for all examples of a run."""

    def __init__(self, three: Three, loop: asyncio.AbstractEventLoop) -> None:
        self.three, self.loop = three, loop
        self.now = datetime.fromisoformat("2026-11-24T09:00:00+07:00")

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do it in the event loop that the services live in, from the thread of the machine."""
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return done.result(60)


class Cards(RuleBasedStateMachine):
    """Two residents, who apply and withdraw, are visited, and get cards that are printed, handed over, destroyed."""

    world: World
    filed = Bundle("filed")

    def __init__(self) -> None:
        super().__init__()
        self.niks = [f"170206570850{next(_numbers):04}" for _ in range(2)]
        self.mine: list[UUID] = []

    # --- what people do ----------------------------------------------------------------------------------------

    @rule(target=filed, which=st.integers(0, 1), ready=st.sampled_from([True, True, True, False]))
    def file(self, which: int, ready: bool) -> Any:
        """An accepted case, unless the NIK is taken; it may be ready to be printed at once."""
        answer = self._requests("/requests", letter(resident(nik=self.niks[which]), **self._at()))
        if answer.status_code == 409:
            return multiple()
        assert answer.status_code == 201, answer.text
        found = (UUID(answer.json()["request_id"]), UUID(answer.json()["case_ids"][0]))
        self.mine.append(found[1])
        if ready:
            self.world.do(self.world.three.settle())
            while self._stage(found[1]) != "print_ready":
                self.go_on(found, Outcome.RECORDED)
        return found

    @rule(case=filed, whole=st.booleans())
    def take_back(self, case: tuple[UUID, UUID], whole: bool) -> None:
        """A case is withdrawn, or its letter cancelled."""
        path = f"/requests/{case[0]}" + ("/cancel" if whole else f"/cases/{case[1]}/withdraw")
        assert self._requests(path, {**self._at(), "reason": "asked_by_resident"}).status_code in (200, 409)

    @rule(case=filed, outcome=st.sampled_from([Outcome.RECORDED, Outcome.RECORDED, *Outcome]), again=st.booleans())
    def go_on(self, case: tuple[UUID, UUID], outcome: Outcome, again: bool = True) -> None:
        """What comes next before the print: planned, visited, decided on, or ready to be printed."""
        match self._stage(case[1]):
            case "accepted":
                self._tick(self.world.now + STEP)
            case "scheduled":
                visit = self.world.do(self.world.three.room.visit_of(case[1]))
                self._tick(max(self.world.now + STEP, datetime.fromisoformat(visit["ends_at"])))
                path = f"/visits/{visit['visit_id']}/outcome"
                assert self._dispatch(path, Role.OFFICER, {**self._at(), "outcome": outcome}).status_code == 200
            case "visited":
                decision = ("again", "resident_ready") if again else ("close", "not_found")
                body = {**self._at(), "decision": decision[0], "reason": decision[1]}
                assert self._dispatch(f"/cases/{case[1]}/decide", Role.DISPATCHER, body).status_code == 200
            case "recorded":
                assert self._dispatch(f"/cases/{case[1]}/print-ready", Role.PRINT_OPERATOR, self._at()).is_success

    @rule(case=filed)
    def print(self, case: tuple[UUID, UUID]) -> None:
        """A card comes out of the printer, whatever became of the case: it is taken, or noted as spoiled."""
        stage = self._stage(case[1])
        if stage not in ("print_ready", "cancelled"):
            return
        three = self.world.three
        three.serials += 1
        body = {**self._at(), "print_id": str(new_id()), "station": "P1", "serial": serial_of(three.serials)}
        answer = self._dispatch(f"/cases/{case[1]}/prints", Role.PRINT_OPERATOR, body)
        assert answer.status_code == (201 if stage == "print_ready" else 409), answer.text
        if "status_change" in answer.text:
            spoiled = {**body, "cause": "status_change"}
            assert self._dispatch(f"/cases/{case[1]}/spoils", Role.PRINT_OPERATOR, spoiled).status_code == 201

    @rule(case=filed, whole=st.booleans(), print_first=st.booleans())
    def print_and_take_back(self, case: tuple[UUID, UUID], whole: bool, print_first: bool) -> None:
        """Neither of the two has heard of the other."""
        both = (lambda: self.print(case), lambda: self.take_back(case, whole))
        for act in both if print_first else both[::-1]:
            act()

    @rule(case=filed, cause=st.sampled_from([None, *DestroyCause]))
    def give_a_fate(self, case: tuple[UUID, UUID], cause: DestroyCause | None) -> None:
        """Its card, if there is one, is handed over, or destroyed for a cause."""
        for print_id, case_id in self.world.do(self.world.three.outstanding()).items():
            if case_id == case[1] and cause is None:
                body = {**self._at(), "receiver": Receiver.FAMILY}
                assert self._dispatch(f"/cases/{case_id}/handover", Role.OFFICER, body).status_code == 200
            elif case_id == case[1]:
                body = {**self._at(), "print_id": str(print_id), "cause": cause}
                expected = 409 if (self._stage(case_id), cause) == ("printed", DestroyCause.CASE_CLOSED) else 200
                assert self._dispatch(f"/cases/{case_id}/destroy", Role.OFFICER, body).status_code == expected

    # --- what the broker does ------------------------------------------------------------------------------------

    @rule(line=st.sampled_from(LINES), turn=st.integers(0, 9), most=st.integers(1, 3), again=st.integers(0, 5))
    def deliver(self, line: str, turn: int, most: int, again: int) -> None:
        """The next facts of some key arrive; some of what arrived before arrives once more."""
        chosen = self.world.three.lines[line]
        self.world.do(chosen.look())
        if chosen.waiting:
            self.world.do(chosen.give(sorted(chosen.waiting)[turn % len(chosen.waiting)], most))
        if again:
            self.world.do(chosen.repeat(max(0, len(chosen.given) - again)))

    @rule()
    def deliver_all(self) -> None:
        """Everything arrives."""
        self.world.do(self.world.three.settle())

    # --- what must hold ------------------------------------------------------------------------------------------

    @invariant()
    def every_card_can_be_handed_over_and_destroyed_and_its_nik_is_taken(self) -> None:
        left = {p: c for p, c in self.world.do(self.world.three.outstanding()).items() if c in self.mine}
        assert self.world.do(self.world.three.free([*left.values()])) == set()
        for print_id, case_id in left.items():
            self.world.do(self._try(printing.hand_over, case_id, Receiver.FAMILY))
            self.world.do(self._try(printing.destroy, case_id, print_id, DestroyCause.DAMAGED))

    def teardown(self) -> None:
        """Once all has arrived, the ledger knows each card, and nobody is kept from applying without need."""
        three = self.world.three
        self.world.do(three.settle())
        self.every_card_can_be_handed_over_and_destroyed_and_its_nik_is_taken()
        left = set(self.world.do(three.outstanding()).values())
        over = [each for each in self.mine if self._stage(each) in CLOSED and each not in left]
        assert self.world.do(three.free(over)) == set(over)
        self.world.do(self._same_blanks())

    async def _same_blanks(self) -> None:
        three = self.world.three
        async with three.room.db.connection() as conn:
            made = await conn.fetchrow(
                "select count(*) filter (where kind = 'printed') as printed,"
                " count(*) filter (where kind = 'spoiled') as spoiled,"
                " (select count(*) from destroyed_card) as destroyed from print_attempt"
            )
        held = await three.ledger()
        assert made is not None
        expected = {
            "printed": made["printed"] - made["destroyed"],
            "spoiled": made["spoiled"],
            "destroyed": made["destroyed"],
            "tray:P1": -made["printed"] - made["spoiled"],
        }
        assert {name: held.get(f"{OFFICE}:{name}", 0) for name in expected} == expected
        assert sum(held.values()) == 0

    # --- hands ---------------------------------------------------------------------------------------------------

    def _at(self) -> dict[str, str]:
        return {"at": self.world.now.isoformat()}

    def _tick(self, at: datetime) -> None:
        self.world.now = at
        three = self.world.three
        self.world.do(three.desk.tick(at.isoformat()))
        self.world.do(three.room.tick(at.isoformat()))

    def _requests(self, path: str, body: dict[str, Any]) -> httpx.Response:
        answer: httpx.Response = self.world.do(self.world.three.desk.post(path, body))
        return answer

    def _dispatch(self, path: str, role: Role, body: dict[str, Any]) -> httpx.Response:
        room = self.world.three.room
        answer: httpx.Response = self.world.do(room.http.post(path, json=body, headers=room.token(role, OFFICE)))
        return answer

    def _stage(self, case_id: UUID) -> str | None:
        async def look() -> str | None:
            async with self.world.three.room.db.connection() as conn:
                found = await dispatch_cases.find(conn, case_id)
            return found.stage if found else None

        stage: str | None = self.world.do(look())
        return stage

    async def _try(self, command: Callable[..., Awaitable[Any]], case_id: UUID, *more: Any) -> None:
        """The real use case, which must not refuse; then all is as before."""
        with suppress(_RolledBack):
            async with self.world.three.room.db.transaction() as conn:
                await command(conn, WHO, MessageContext.new(), case_id, *more, self.world.now)
                raise _RolledBack


async def play(three: Three, examples: int, steps: int) -> None:
    """Many stories, each of so many steps."""
    machine = type("Played", (Cards,), {"world": World(three, asyncio.get_running_loop())})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        # To shrink a story takes longer than to read it.
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=chosen)


def each_way(machine: type[Cards]) -> None:
    """Print and withdrawal, or cancellation, before either hears of the other; then the fate of a card."""
    ways = product((True, False), (True, False))
    for (whole, print_first), cause in zip(
        ways, cycle((None, DestroyCause.CASE_CLOSED, DestroyCause.LOST)), strict=False
    ):
        story = machine()
        case = story.file(0, ready=True)
        story.print_and_take_back(case, whole, print_first)
        story.every_card_can_be_handed_over_and_destroyed_and_its_nik_is_taken()
        story.deliver("to requests", 0, 3, 1)
        story.every_card_can_be_handed_over_and_destroyed_and_its_nik_is_taken()
        assert story.file(0, ready=False) == multiple()
        story.deliver_all()
        story.every_card_can_be_handed_over_and_destroyed_and_its_nik_is_taken()
        story.give_a_fate(case, cause)
        story.teardown()
        assert story.file(0, ready=False) != multiple()


async def test_no_card_is_without_a_fate_and_no_nik_is_free_too_early(three: Three) -> None:
    machine = type("Told", (Cards,), {"world": World(three, asyncio.get_running_loop())})
    await asyncio.to_thread(each_way, machine)
    await play(three, examples=4, steps=20)


@pytest.mark.parametrize(
    "examples", [pytest.param(25, marks=pytest.mark.long), pytest.param(200, marks=pytest.mark.soak)]
)
@pytest.mark.timeout(3600)
async def test_every_card_has_a_fate_and_no_nik_is_free_too_early(three: Three, examples: int) -> None:
    await play(three, examples=examples, steps=50)
