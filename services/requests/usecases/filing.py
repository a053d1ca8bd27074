"""Letters are filed, and residents are added to a drive; who has an open case already is pointed to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, NoReturn, Self
from uuid import UUID

from services.requests.domain import filing
from services.requests.domain.filing import Filing, Letter
from services.requests.domain.letter_numbers import repeated
from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import State
from services.requests.domain.when import When
from services.requests.encryption import DataKeys as Keys
from services.requests.encryption import Vault
from services.requests.store import amending, letters, people, together
from services.requests.store import filing as store
from services.requests.store.filing import Stored
from services.requests.usecases import SERVICE, reserving
from services.requests.usecases.holding import held, since_filing
from shared import outbox
from shared.auth import Identity
from shared.connection import Connection
from shared.db import Database
from shared.envelope import Cause
from shared.ids import new_id
from shared.offices import Office
from shared.problems import Broken, Conflict, Problem
from shared.statement import Part

TWIN = "twin"


class Elsewhere(Problem):
    """A problem by which the caller learned that cases outside of the wilayah are open: to be audited."""

    elsewhere: tuple[UUID, ...] = ()

    @classmethod
    def found(cls, errors: Sequence[Broken], elsewhere: tuple[UUID, ...]) -> Self:
        """The problem that these errors are, and the cases outside."""
        problem = cls.of(errors)
        problem.elsewhere = elsewhere
        return problem


class Taken(Elsewhere, Conflict):
    """Residents with an open case."""


class Doubtful(Conflict):
    """A letter that looks as if it had been filed before, from a caller who wants to be asked first."""

    title = "Mungkin sudah pernah diajukan"

    def __init__(self, doubts: Sequence[Warned]) -> None:
        super().__init__(
            "permohonan ini mungkin sudah pernah diajukan: periksa, lalu putuskan",
            errors=[Broken(each.field, each.warning, each.code, en=each.en) for each in doubts],
        )
        self.members = {"asks": "file_anyway"}


async def file(
    conn: Connection,
    vault: Vault,
    who: Identity,
    cause: Cause,
    office: Office,
    policy: Policy,
    letter: Letter,
    applications: Sequence[Application],
    complete: bool,
    when: When,
    *,
    ask_first: bool = False,
) -> Filing:
    """File a letter; a case whose papers are complete is accepted at once.

    Raises Invalid (422) naming every field and rule, and Taken (409) when a NIK has an open case; with `ask_first`
    also Doubtful (409) for what is otherwise filed with a warning: a letter number used before, somebody who looks
    like a resident with an open case.
    """
    redeemed, warnings = await reserving.redeem(conn, who, office.code, applications)
    ready = prepared(office, policy, letter, redeemed, complete, when)
    return await _store(conn, vault, who, cause, _with(ready, warnings), ask_first=ask_first)


def _with(filed: Filing, warnings: Sequence[Warned]) -> Filing:
    return replace(filed, warnings=(*filed.warnings, *warnings)) if warnings else filed


def prepared(
    office: Office,
    policy: Policy,
    letter: Letter,
    applications: Sequence[Application],
    complete: bool,
    when: When,
) -> Filing:
    """A letter ready to be stored. Raises Invalid (422) naming every field and rule."""
    return filing.file(
        letter,
        applications,
        policy=policy,
        complete=complete,
        when=when,
        office=office,
        new_id=new_id,
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter ready to be stored, who files it, and the story that it begins."""

    filing: Filing
    who: Identity
    cause: Cause
    tick: datetime | None
    """The one by which it was judged; None before the first."""


async def store_all(db: Database, keys: Keys, ready: Sequence[Ready], answers: Part) -> None:
    """Store many letters, with the first answers to them, as `file` stores one that meets nobody. Raises Met."""
    filed = [(each.who.subject, each.filing) for each in ready]
    events = outbox.part(SERVICE, ((each.cause, each.filing.events()) for each in ready))
    await together.insert_all(db, keys, answers, events, filed, list({each.tick for each in ready}))


async def add_residents(
    conn: Connection,
    vault: Vault,
    who: Identity,
    cause: Cause,
    office: Office,
    policy: Policy,
    request_id: UUID,
    applications: Sequence[Application],
    complete: bool,
    at: datetime,
) -> Filing:
    """Residents for a drive that was filed before. Raises as `file` does, and NotFound (404) or Conflict (409)."""
    request = await held(conn, who, request_id, ())
    request.must_take_residents()
    when = await since_filing(conn, request, at)
    applications, warnings = await reserving.redeem(conn, who, office.code, applications)
    added = filing.join(
        request_id,
        request.stage,
        await amending.letter(conn, vault, request_id),
        applications,
        policy=policy,
        complete=complete,
        when=when,
        office=office,
        new_id=new_id,
    )
    return await _store(conn, vault, who, cause, _with(added, warnings), await letters.count_cases(conn, request_id))


async def _store(
    conn: Connection,
    vault: Vault,
    who: Identity,
    cause: Cause,
    filed: Filing,
    places: int = 0,
    *,
    ask_first: bool = False,
) -> Filing:
    stored = await store.insert(conn, vault, (who.subject, filed), places=places)
    if stored.taken:
        await _point_to_the_first(conn, vault, who, filed, stored)
    doubts = _doubts(filed, stored)
    if doubts and ask_first:
        raise Doubtful(doubts)
    if filed.joins and filed.due_at and any(not case.missing for case in filed.cases):
        await letters.begin(conn, filed.id, (), filed.at, filed.due_at)
    await outbox.add(conn, SERVICE, cause, filed.events())
    return _with(filed, doubts)


def _doubts(filed: Filing, stored: Stored) -> list[Warned]:
    """Why a letter may have been filed before: by its number, and by its residents."""
    alike = [
        looks_alike(f"residents.{number}.name", stored.twins[case.id])
        for number, case in enumerate(filed.cases)
        if case.id in stored.twins
    ]
    return [repeated(stored.used), *alike] if stored.used else alike


def looks_alike(field: str, codes: Sequence[str]) -> Warned:
    """Somebody of this name, birth date and kelurahan has a case: maybe the same person."""
    shown = ", ".join(code for code in codes if code)
    return Warned(
        field,
        f"nama, tanggal lahir, dan kelurahan yang sama sudah punya kasus yang berjalan ({shown}): pastikan bukan"
        " orang yang sama",
        TWIN,
        f"same name, birth date and kelurahan as an open case ({shown}): make sure it is someone else",
    )


async def _point_to_the_first(
    conn: Connection, vault: Vault, who: Identity, filed: Filing, stored: Stored
) -> NoReturn:
    niks = {n: case.person.nik for n, case in enumerate(filed.cases) if case.id in stored.taken and case.person.nik}
    raise Taken.found(*await open_cases(conn, vault, who, niks))


async def open_cases(
    conn: Connection, vault: Vault, who: Identity, niks: dict[int, str]
) -> tuple[list[Broken], tuple[UUID, ...]]:
    """Who of these residents, by their number in the letter, has an open case.

    Inside the caller's wilayah the error points to it by tracking code and state; outside it says no more, and the
    cases there are returned, to be audited.
    """
    keys = await vault.keys(conn)
    met = await people.open_cases_among(conn, {number: keys.niks(nik) for number, nik in niks.items()})
    errors = [points(f"residents.{number}.nik", who, found) for number, found in met.items()]
    return errors, tuple(found.case_id for found in met.values() if not who.sees(found.kelurahan))


class _Said(NamedTuple):
    """Why a NIK is taken, in Indonesian and in English."""

    id: str
    en: str


_OPEN = _Said(
    "warga dengan NIK ini sudah punya kasus yang berjalan: {where}",
    "a resident with this NIK has an open case: {where}",
)
_HELD = {
    State.AWAITING_ANSWER: _Said(
        "kasus sebelumnya dengan NIK ini ({code}) dibatalkan dan menunggu jawaban petugas, apakah kartunya sudah"
        " dicetak: coba lagi sesudah ada jawaban",
        "an earlier case with this NIK ({code}) was cancelled, and the office has still to say whether its card was"
        " printed: try again once it has",
    ),
    State.CARD_OUTSTANDING: _Said(
        "kasus sebelumnya dengan NIK ini ({code}) dibatalkan, tetapi kartunya sudah dicetak: minta Dukcapil"
        " menyerahkan atau memusnahkan kartu itu dahulu",
        "an earlier case with this NIK ({code}) was cancelled, but its card was printed: have the office hand it over"
        " or destroy it first",
    ),
}
"""Of a case that was closed and still holds the NIK: why, and what to do."""


def points(field: str, who: Identity, found: people.OpenCase) -> Broken:
    """There is an open case of this NIK, or a closed one whose card may be there."""
    if who.sees(found.kelurahan):
        said = _HELD.get(found.state, _OPEN)
        where = there = f"{found.shown} ({found.state.value})"
    else:
        said, where, there = _OPEN, "aktif di luar wilayah Anda", "active outside your area"
    return Broken(
        field,
        said.id.format(code=found.shown, where=where),
        "nik.taken",
        en=said.en.format(code=found.shown, where=there),
    )
