"""What filing would say, for a form that is still being filled in; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.requests.domain import filing
from services.requests.domain.filing import Letter
from services.requests.domain.letter_numbers import repeated
from services.requests.domain.people import Application, Document
from services.requests.domain.rules.checks import Warned
from services.requests.domain.rules.policy import Policy
from services.requests.domain.when import When
from services.requests.encryption import Vault
from services.requests.store import letter_numbers, people
from services.requests.usecases.filing import looks_alike, open_cases, points
from shared.auth import Identity
from shared.connection import Connection
from shared.offices import Office
from shared.problems import Broken


@dataclass(frozen=True, slots=True)
class Checked:
    """What filing would say of a letter; `elsewhere` is to be audited."""

    errors: list[Broken]
    warnings: list[Warned]
    residents: list[tuple[tuple[Document, ...], bool]]
    """Of each its missing papers, and whether the print waits for the 17th birthday."""
    elsewhere: tuple[UUID, ...]


async def check(
    conn: Connection,
    vault: Vault,
    who: Identity,
    office: Office,
    policy: Policy,
    letter: Letter,
    applications: Sequence[Application],
    complete: bool,
    when: When,
) -> Checked:
    """What filing would say; nothing is stored."""
    errors, warnings, residents = filing.check(
        letter, applications, policy=policy, complete=complete, when=when, office=office
    )
    niks = {number: given.person.nik for number, given in enumerate(applications) if given.person.nik}
    taken, elsewhere = await open_cases(conn, vault, who, niks)
    keys = await vault.keys(conn)
    persons = enumerate(given.person for given in applications)
    alike = {number: keys.twins(each.name, each.birth_date, letter.kelurahan) for number, each in persons}
    for number, codes in (await people.twins_among(conn, alike)).items():
        warnings.append(looks_alike(f"residents.{number}.name", codes))
    used = await letter_numbers.used(conn, letter.kelurahan, letter.number, letter.date.year)
    if used:
        warnings.insert(0, repeated(used))
    return Checked([*errors, *taken], warnings, residents, elsewhere)


async def recognise(
    conn: Connection, vault: Vault, who: Identity, nik: str | None, likeness: tuple[str, date, str] | None
) -> Checked:
    """What of that a resident's NIK, or their name, birth date and kelurahan, tell without the rest of the letter."""
    keys = await vault.keys(conn)
    taken = await people.open_cases_among(conn, {0: keys.niks(nik)} if nik else {})
    alike = await people.twins_among(conn, {0: keys.twins(*likeness)} if likeness else {})
    return Checked(
        [points("nik", who, found) for found in taken.values()],
        [looks_alike("name", codes) for codes in alike.values()],
        [],
        tuple(found.case_id for found in taken.values() if not who.sees(found.kelurahan)),
    )
