"""Residents who have an open case already, or look like somebody who has: the errors and warnings about them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self
from uuid import UUID

from services.requests.domain.rules.checks import Warned
from services.requests.domain.stages import State
from services.requests.encryption import Vault
from services.requests.store import people
from services.requests.store.people import OpenCase
from shared.database.connection import Connection
from shared.problems import Conflict, Problem, RuleViolation
from shared.security.auth import Identity

SIMILAR = "twin"


class CrossRegionMatch(Problem):
    """A problem by which the caller learns of open cases outside of their wilayah; those are to be audited."""

    elsewhere: tuple[UUID, ...] = ()

    @classmethod
    def found(cls, errors: Sequence[RuleViolation], elsewhere: tuple[UUID, ...]) -> Self:
        """The problem with these errors; `elsewhere` are the cases outside of the wilayah."""
        problem = cls.of(errors)
        problem.elsewhere = elsewhere
        return problem


class DuplicateOpenCase(CrossRegionMatch, Conflict):
    """A NIK has an open case."""


async def open_cases(
    conn: Connection, vault: Vault, who: Identity, niks: dict[int, str]
) -> tuple[list[RuleViolation], tuple[UUID, ...]]:
    """The errors for those of these NIK that have an open case, by the resident's number in the letter.

    Inside the caller's wilayah the error names tracking code and state. Outside of it the error says only that there
    is a case; these cases are returned too, to be audited.
    """
    keys = await vault.keys(conn)
    found = await people.open_cases_among(conn, {number: keys.niks(nik) for number, nik in niks.items()})
    errors = [duplicate_error(f"residents.{number}.nik", who, case) for number, case in found.items()]
    return errors, outside(who, found.values())


def outside(who: Identity, cases: Collection[OpenCase]) -> tuple[UUID, ...]:
    """Those of the cases that are not in the caller's wilayah."""
    return tuple(case.case_id for case in cases if not who.sees(case.kelurahan))


class _Text(NamedTuple):
    """A sentence in Indonesian and in English."""

    id: str
    en: str


_OPEN = _Text(
    "warga dengan NIK ini sudah punya kasus yang berjalan: {where}",
    "a resident with this NIK has an open case: {where}",
)
_CLOSED = {
    State.AWAITING_ANSWER: _Text(
        "kasus sebelumnya dengan NIK ini ({code}) dibatalkan dan menunggu jawaban petugas, apakah kartunya sudah"
        " dicetak: coba lagi sesudah ada jawaban",
        "an earlier case with this NIK ({code}) was cancelled, and the office has still to say whether its card was"
        " printed: try again once it has",
    ),
    State.CARD_OUTSTANDING: _Text(
        "kasus sebelumnya dengan NIK ini ({code}) dibatalkan, tetapi kartunya sudah dicetak: minta Dukcapil"
        " menyerahkan atau memusnahkan kartu itu dahulu",
        "an earlier case with this NIK ({code}) was cancelled, but its card was printed: have the office hand it over"
        " or destroy it first",
    ),
}
"""For a case that was closed and still holds the NIK: why, and what to do."""


def duplicate_error(field: str, who: Identity, case: OpenCase) -> RuleViolation:
    """The error that this case has the NIK: it is open, or closed and its card may still be there."""
    if who.sees(case.kelurahan):
        text = _CLOSED.get(case.state, _OPEN)
        where = where_en = f"{case.shown} ({case.state.value})"
    else:
        text, where, where_en = _OPEN, "aktif di luar wilayah Anda", "active outside your area"
    return RuleViolation(
        field,
        text.id.format(code=case.shown, where=where),
        "nik.taken",
        en=text.en.format(code=case.shown, where=where_en),
    )


def similar_person(field: str, codes: Sequence[str]) -> Warned:
    """The warning that open cases with the same name, birth date and kelurahan may be of the same person."""
    shown = ", ".join(code for code in codes if code)
    return Warned(
        field,
        f"nama, tanggal lahir, dan kelurahan yang sama sudah punya kasus yang berjalan ({shown}): pastikan bukan"
        " orang yang sama",
        SIMILAR,
        f"same name, birth date and kelurahan as an open case ({shown}): make sure it is someone else",
    )
