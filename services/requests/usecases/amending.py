"""What a letter said is corrected: freely until a visit is promised; then dispatch is told of what it must know."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.requests.domain import amending
from services.requests.domain.filing import NO_CONTACT
from services.requests.domain.letters import LockedCase
from services.requests.domain.people import Drive
from services.requests.store import amending as store
from services.requests.store import letters, versions
from services.requests.usecases import SERVICE
from services.requests.usecases.duplicates import DuplicateOpenCase, open_cases
from services.requests.usecases.filing import FilingContext
from services.requests.usecases.holding import held, open_person, since_filing
from shared.messaging import outbox
from shared.problems import Invalid

LISTED = frozenset({"usual_service"})
"""Of a drive, what only lists that are still to come are read by."""


async def amend_case(
    context: FilingContext,
    request_id: UUID,
    case_id: UUID,
    changes: Mapping[str, Any],
    at: datetime,
    version: int | None = None,
) -> tuple[LockedCase, bool, int]:
    """Correct a resident's data; returns the case as it is then, whether dispatch was told of it, and its version.

    A case that is complete by this is accepted. Raises NotFound (404), Invalid (422), or Conflict (409) for what
    cannot be changed any more, or when the case changed after `version`.
    """
    conn, vault, who, policy = context.conn, context.vault, context.who, context.policy
    request = await held(conn, who, request_id, [case_id])
    before = request.case(case_id)
    if version is not None:
        amending.must_be_newest(await versions.changed_since(conn, request_id, case_id, version))
    person = await open_person(conn, vault, case_id)
    when = await since_filing(conn, request, at)
    day = context.office.day_of(when.received_at)
    amended = amending.amend(policy, request.kelurahan, request.kind, before, person, changes, day)
    after = amended.case
    facts = request.amend(before, after, when.at)
    if not await store.save(conn, vault, after, amended.person, request, amended.hold_until):
        errors, elsewhere = await open_cases(conn, vault, who, {0: amended.person.nik or ""})
        raise DuplicateOpenCase.found([replace(error, field="nik") for error in errors], elsewhere)
    if amended.completes:
        facts += request.begin(policy, [after], when)
        await letters.begin(conn, request_id, [case_id], when.at, when.at + policy.legal_limit)
        after = after.begun()
    newest = await store.note(conn, request_id, case_id, amending.named(changes), when.at, who.subject)
    await outbox.add(conn, SERVICE, context.message_context, facts)
    return after, bool(facts), newest


async def amend_letter(
    context: FilingContext,
    request_id: UUID,
    changes: amending.LetterChanges,
    at: datetime,
    version: int | None = None,
) -> int:
    """Correct what the letter itself says; the days and the size of a drive only until dispatch knows of it.

    Returns its version. Raises NotFound (404), Conflict (409) when it is too late or the letter changed after
    `version`, or Invalid (422): a drive needs a contact.
    """
    conn, vault, who = context.conn, context.vault, context.who
    request = await held(conn, who, request_id)
    if version is not None:
        amending.must_be_newest(await versions.changed_since(conn, request_id, None, version))
    at = (await since_filing(conn, request, at)).at
    if changes.drive.keys() - LISTED:
        request.must_be_unpromised()
    before = await store.letter(conn, vault, request_id)
    after = replace(
        before,
        **changes.letter,
        contact=replace(before.contact, **changes.contact),
        drive=_drive(before.drive, changes.drive),
    )
    if after.drive and "phone" in changes.contact and after.contact.phone is None:
        raise Invalid.of([replace(NO_CONTACT, field="contact.phone")])
    await store.save_letter(conn, vault, request_id, after)
    return await store.note(conn, request_id, None, changes.fields, at, who.subject)


def _drive(before: Drive | None, changes: Mapping[str, Any]) -> Drive | None:
    return replace(before, **changes) if before and changes else before
