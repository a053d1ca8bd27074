"""What filing would say, for a form that is still being filled in; nothing is stored."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.requests.domain import intake
from services.requests.domain.filing import Submission
from services.requests.domain.letter_numbers import repeated
from services.requests.domain.people import Document
from services.requests.domain.rules.checks import Warned
from services.requests.encryption import Vault
from services.requests.store import letter_numbers, people
from services.requests.usecases.duplicates import duplicate_error, open_cases, outside, similar_person
from services.requests.usecases.filing import FilingContext
from shared.database.connection import Connection
from shared.problems import RuleViolation
from shared.security.auth import Identity


@dataclass(frozen=True, slots=True)
class Checked:
    """What filing would say of a letter; `elsewhere` is to be audited."""

    errors: list[RuleViolation]
    warnings: list[Warned]
    residents: list[tuple[tuple[Document, ...], bool]]
    """Of each its missing papers, and whether the print waits for the 17th birthday."""
    elsewhere: tuple[UUID, ...]


async def check(context: FilingContext, submission: Submission) -> Checked:
    """What filing would say; nothing is stored."""
    conn, vault, letter = context.conn, context.vault, submission.letter
    errors, warnings, residents = intake.check(submission, context.office, context.policy)
    persons = {number: application.person for number, application in enumerate(submission.applications)}
    niks = {number: person.nik for number, person in persons.items() if person.nik}
    taken, elsewhere = await open_cases(conn, vault, context.who, niks)
    keys = await vault.keys(conn)
    twins = {n: keys.twins(each.name, each.birth_date, letter.kelurahan) for n, each in persons.items()}
    for number, codes in (await people.twins_among(conn, twins)).items():
        warnings.append(similar_person(f"residents.{number}.name", codes))
    used = await letter_numbers.used(conn, letter.kelurahan, letter.number, letter.date.year)
    if used:
        warnings.insert(0, repeated(used))
    return Checked([*errors, *taken], warnings, residents, elsewhere)


async def check_duplicate(
    conn: Connection, vault: Vault, who: Identity, nik: str | None, likeness: tuple[str, date, str] | None
) -> Checked:
    """What filing would say of a resident's NIK, and of their name, birth date and kelurahan, without the letter."""
    keys = await vault.keys(conn)
    taken = await people.open_cases_among(conn, {0: keys.niks(nik)} if nik else {})
    alike = await people.twins_among(conn, {0: keys.twins(*likeness)} if likeness else {})
    return Checked(
        [duplicate_error("nik", who, case) for case in taken.values()],
        [similar_person("name", codes) for codes in alike.values()],
        [],
        outside(who, taken.values()),
    )
