"""The list of a drive comes in: what stands in the way of each of its residents, and then all that are good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from services.requests.domain.filing import Letter
from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from services.requests.domain.rules.policy import Policies, Policy
from services.requests.domain.when import When
from services.requests.encryption import Vault
from services.requests.store import amending, letters, people
from services.requests.store.lists import drive_residents
from services.requests.store.lists.drive_residents import DriveResident
from services.requests.usecases.duplicates import duplicate_error, outside, similar_person
from services.requests.usecases.filing import FilingContext, add_residents
from services.requests.usecases.holding import held, moment, seen
from shared import clock
from shared.database.connection import Connection
from shared.problems import RuleViolation
from shared.reference.offices import Office, Offices
from shared.security.auth import Identity

TOGETHER = 500
"""Residents of one statement; between two of them the process answers others."""


@dataclass(frozen=True, slots=True)
class ListOverlap:
    """What is known of the residents of a list, by their number in it; `elsewhere` is to be audited."""

    taken: dict[int, RuleViolation]
    """They have an open case."""
    alike: dict[int, Warned]
    """Somebody with an open case looks like them."""
    elsewhere: tuple[UUID, ...]
    """Open cases outside of the caller's wilayah."""
    places: int
    """Residents the drive has before."""
    headcount: int
    """Residents it expects."""
    stored: dict[int, bool]
    """The drive has them already; whether they were withdrawn from it."""


@dataclass(frozen=True, slots=True)
class DriveLetter:
    """What a list is for, and when it came."""

    letter: Letter
    office: Office
    policy: Policy
    when: When

    @property
    def day(self) -> date:
        """The office's day on which it came: by that ages are judged."""
        return self.office.day_of(self.when.received_at)


async def drive_of(
    conn: Connection,
    vault: Vault,
    who: Identity,
    request_id: UUID,
    offices: Offices,
    policies: Policies,
    at: datetime | None,
) -> DriveLetter:
    """The letter that a list is for, and when it comes (`holding.moment`).

    Raises NotFound (404), or Invalid (422) for `at`.
    """
    office = offices.of(await seen(conn, who, request_id))
    when = When(await moment(conn, at), await clock.business_time(conn))
    return DriveLetter(await amending.letter(conn, vault, request_id), office, policies.of(office.code), when)


async def meet(
    conn: Connection,
    vault: Vault,
    who: Identity,
    request_id: UUID,
    drive: DriveLetter,
    applications: Mapping[int, Application],
) -> ListOverlap:
    """Who of these has an open case already, or looks like somebody who has.

    Raises NotFound (404), or Conflict (409) for a letter that takes no residents.
    """
    (await held(conn, who, request_id, ())).must_take_residents()
    kelurahan = drive.letter.kelurahan
    keys = await vault.keys(conn)
    niks = {number: keys.niks(given.person.nik) for number, given in applications.items() if given.person.nik}
    met = await people.open_cases_among(conn, niks)
    persons = {number: given.person for number, given in applications.items()}
    twins = {number: keys.twins(person.name, person.birth_date, kelurahan) for number, person in persons.items()}
    alike = await people.twins_among(conn, twins)
    stored = stored_before(await drive_residents.residents(conn, request_id), niks, twins)
    return ListOverlap(
        {number: duplicate_error("nik", who, found) for number, found in met.items() if number not in stored},
        {number: similar_person("nama", codes) for number, codes in alike.items() if number not in met},
        outside(who, met.values()),
        await letters.count_cases(conn, request_id),
        drive.letter.drive.headcount if drive.letter.drive else 0,
        stored,
    )


def stored_before(
    residents: Sequence[DriveResident], niks: Mapping[int, Sequence[bytes]], twins: Mapping[int, Sequence[bytes]]
) -> dict[int, bool]:
    """Which rows a drive has already, by their NIK, or by name and birth date where one of the two has no NIK.

    Each resident of the drive stands for one row: of two rows that look the same, the second may be new.
    """
    by_nik = {nik: at for at, each in enumerate(residents) for nik in each.niks}
    found: dict[int, int] = {}
    taken: set[int] = set()
    for number, digests in niks.items():
        at = next((by_nik[each] for each in digests if each in by_nik), None)
        if at is not None and at not in taken:
            found[number] = at
            taken.add(at)
    by_twin: dict[bytes, list[int]] = {}
    for at, each in enumerate(residents):
        if at not in taken:
            by_twin.setdefault(each.twin, []).append(at)
    for number in sorted(twins.keys() - found.keys()):
        alike = [at for digest in twins[number] for at in by_twin.get(digest, ())]
        at = next((each for each in alike if not (number in niks and residents[each].niks)), None)
        if at is not None:
            found[number] = at
            by_twin[residents[at].twin].remove(at)
    return {number: residents[at].withdrawn for number, at in found.items()}


async def add(
    context: FilingContext, request_id: UUID, applications: Sequence[Application], complete: bool, at: datetime
) -> None:
    """Add residents to a drive, however many, in the caller's one transaction. Raises as `filing.add_residents`."""
    rest = iter(applications)
    while some := list(islice(rest, TOGETHER)):
        await add_residents(context, request_id, some, complete, at)
