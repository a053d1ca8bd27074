"""A letter is filed, or residents are added to a drive: stored with their events in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.requests.domain import intake
from services.requests.domain.filing import Filing, Submission
from services.requests.domain.letter_numbers import repeated
from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from services.requests.domain.rules.policy import Policy
from services.requests.encryption import Vault
from services.requests.store import amending, letters
from services.requests.store import filing as store
from services.requests.store.filing import Stored
from services.requests.usecases import SERVICE, reserving
from services.requests.usecases.duplicates import DuplicateOpenCase, open_cases, similar_person
from services.requests.usecases.holding import held, since_filing
from shared.contract.envelope import MessageContext
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.problems import Conflict, RuleViolation
from shared.reference.offices import Office
from shared.security.auth import Identity


@dataclass(frozen=True, slots=True)
class FilingContext:
    """The transaction in which something is filed, who files it, for which office and under which policy."""

    conn: Connection
    vault: Vault
    who: Identity
    message_context: MessageContext
    office: Office
    policy: Policy


class PossibleDuplicate(Conflict):
    """A letter that may have been filed before, from a caller who wants to be asked first."""

    title = "Mungkin sudah pernah diajukan"

    def __init__(self, warnings: Sequence[Warned]) -> None:
        super().__init__(
            "permohonan ini mungkin sudah pernah diajukan: periksa, lalu putuskan",
            errors=[RuleViolation(each.field, each.warning, each.code, en=each.en) for each in warnings],
        )
        self.members = {"asks": "file_anyway"}


async def file(context: FilingContext, submission: Submission, *, ask_first: bool = False) -> Filing:
    """File a letter; a case whose papers are complete is accepted at once.

    Raises Invalid (422) naming every field and rule, and DuplicateOpenCase (409) when a NIK has an open case. With
    `ask_first` it also raises PossibleDuplicate (409) for what is otherwise filed with a warning: a letter number
    that was used before, or a resident who looks like somebody with an open case.
    """
    submission, warnings = await _redeem_codes(context, submission)
    filing = intake.file(submission, context.office, context.policy, new_id)
    await store.lock_kelurahan(context.conn, submission.letter.kelurahan)
    return await _store(context, filing, warnings, ask_first=ask_first)


async def add_residents(
    context: FilingContext,
    request_id: UUID,
    applications: Sequence[Application],
    documents_complete: bool,
    at: datetime,
) -> Filing:
    """Add residents to a drive that was filed before.

    Raises as `file` does, and NotFound (404), or Conflict (409) for a letter that takes no residents.
    """
    conn = context.conn
    request = await held(conn, context.who, request_id, ())
    request.must_take_residents()
    letter = await amending.letter(conn, context.vault, request_id)
    when = await since_filing(conn, request, at)
    submission = Submission(letter, tuple(applications), documents_complete, when)
    submission, warnings = await _redeem_codes(context, submission)
    filing = intake.join(request_id, request.stage, submission, context.office, context.policy, new_id)
    return await _store(context, filing, warnings, places=await letters.count_cases(conn, request_id))


async def _redeem_codes(context: FilingContext, submission: Submission) -> tuple[Submission, list[Warned]]:
    """The submission with those reserved tracking codes that the caller may give."""
    redeemed, warnings = await reserving.redeem(
        context.conn, context.who, context.office.code, submission.applications
    )
    return replace(submission, applications=tuple(redeemed)), warnings


async def _store(
    context: FilingContext, filing: Filing, warnings: Sequence[Warned], *, places: int = 0, ask_first: bool = False
) -> Filing:
    """Store the filing and its events; returns it with all warnings."""
    conn, who = context.conn, context.who
    stored = await store.insert(conn, context.vault, who.subject, filing, places=places)
    if stored.duplicates:
        niks = {
            number: case.person.nik
            for number, case in enumerate(filing.cases)
            if case.id in stored.duplicates and case.person.nik
        }
        raise DuplicateOpenCase.found(*await open_cases(conn, context.vault, who, niks))
    similar = _similarities(filing, stored)
    if similar and ask_first:
        raise PossibleDuplicate(similar)
    if filing.joins and filing.due_at and any(not case.missing for case in filing.cases):
        await letters.begin(conn, filing.id, (), filing.at, filing.due_at)
    await outbox.add(conn, SERVICE, context.message_context, filing.events())
    return replace(filing, warnings=(*filing.warnings, *warnings, *similar))


def _similarities(filing: Filing, stored: Stored) -> list[Warned]:
    """The warnings that a letter may have been filed before: by its number, and by its residents."""
    similar = [
        similar_person(f"residents.{number}.name", stored.similar[case.id])
        for number, case in enumerate(filing.cases)
        if case.id in stored.similar
    ]
    return [repeated(stored.used), *similar] if stored.used else similar
