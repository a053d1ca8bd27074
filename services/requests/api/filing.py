"""The commands that bring residents in: check, file, add residents to a drive."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.requests import privacy as auditing
from services.requests.api.bodies import FilingBody, LikenessBody, NumberBody, ResidentsBody
from services.requests.api.counter import STATUS, Filed
from services.requests.api.noting import matches_noted
from services.requests.api.views.filing import CheckedView, FiledView, NumberView
from services.requests.api.wiring import Filer, InHand, Known, Operator, Rules, Sealed, own_entry
from services.requests.domain.filing import HOUSEHOLD
from services.requests.domain.letter_numbers import repeated
from services.requests.domain.when import When
from services.requests.store import amending
from services.requests.store import letter_numbers as numbers
from services.requests.usecases import checking, filing
from services.requests.usecases.checking import Checked
from services.requests.usecases.filing import Ready
from services.requests.usecases.holding import seen
from shared.asking import Db, StoryCause
from shared.auth import Identity
from shared.clock import business_time
from shared.commands import IdempotencyKey, Sent, answered, once
from shared.connection import Connection
from shared.db import Database
from shared.lean import LeanRoute
from shared.moments import is_ahead, must_have_come
from shared.offices import Office, Offices
from shared.problems import Invalid
from shared.regions import is_kelurahan

router = APIRouter(prefix="/requests", tags=["requests"], route_class=LeanRoute)


@router.post("", status_code=201, response_model=FiledView, dependencies=[Depends(own_entry)])
async def file(body: FilingBody, who: Filer, hands: InHand, key: IdempotencyKey = None) -> Response:
    """File a letter, one case a resident; a case whose papers are complete is accepted at once."""
    db, cause, vault = hands.db, hands.cause, hands.vault
    office = _office_of(body.kelurahan, who, hands.offices)
    policy, complete = hands.policies.of(office.code), body.documents_complete
    seen = await hands.counter.seen(db)
    letter, applications = body.read(office.day_of(seen.now))

    async def command(conn: Connection) -> FiledView:
        when = When(body.at, await business_time(conn))
        return FiledView.of(
            await filing.file(
                *(conn, vault, who, cause, office, policy, letter, applications, complete, when),
                ask_first=body.ask_first,
            )
        )

    reserved = any(each.tracking for each in applications)
    if len(applications) <= HOUSEHOLD and not reserved and not is_ahead(body.at, seen.now):
        with suppress(Invalid):  # unless it was filed before, under other rules: then its first answer counts
            when = When(body.at, seen.now)
            ready = Ready(
                filing.prepared(office, policy, letter, applications, complete, when), who, cause, seen.tick
            )
            answer = await hands.counter.file(Filed(db, Sent.by(who, key, body, "file", db), ready))
            if answer is not None:
                return answered(answer, STATUS)
    async with matches_noted(db, who):
        return await once(db, key, who, body, command, about="file", status=STATUS)


@router.post("/check")
async def check(body: FilingBody, who: Filer, db: Db, offices: Known, policies: Rules, vault: Sealed) -> CheckedView:
    """What filing this letter would say, for a form that checks while it is filled in; nothing is stored."""
    office = _office_of(body.kelurahan, who, offices)
    when = await _received(db, body.at)
    try:
        letter, applications = body.read(office.day_of(when.received_at))
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with db.transaction() as conn:
        policy = policies.of(office.code)
        complete = body.documents_complete
        checked = await checking.check(conn, vault, who, office, policy, letter, applications, complete, when)
        await auditing.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


@router.post("/check/resident")
async def check_resident(body: LikenessBody, who: Filer, db: Db, offices: Known, vault: Sealed) -> CheckedView:
    """Whether one resident has an open case, or looks like somebody who has, while the letter is not complete yet;
    nothing is stored. What is not known is left out."""
    now = (await _received(db, body.at)).received_at
    day = _office_of(body.kelurahan, who, offices).day_of(now) if body.kelurahan else now.date()
    try:
        nik, likeness = body.read(day)
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with db.transaction() as conn:
        checked = await checking.recognise(conn, vault, who, nik, likeness)
        await auditing.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


@router.post("/check/number")
async def check_number(body: NumberBody, who: Filer, db: Db, offices: Known) -> NumberView:
    """Whether the kelurahan has used a letter number this year, and which number it filed last; nothing is
    stored. A form asks while the letter is not complete yet."""
    office = _office_of(body.kelurahan, who, offices)
    today = office.day_of((await _received(db, body.at)).received_at)
    if body.date and body.date > today:
        raise Invalid("tanggal surat paling lambat hari ini", field="date")
    async with db.reading() as conn:
        last = await numbers.last(conn, body.kelurahan)
        used = body.number and await numbers.used(conn, body.kelurahan, body.number, (body.date or today).year)
    return NumberView.of(last, repeated(used, "number") if used else None)


@router.post("/{request_id}/residents", status_code=201, response_model=FiledView)
async def add_residents(
    request_id: UUID,
    body: ResidentsBody,
    who: Operator,
    db: Db,
    cause: StoryCause,
    offices: Known,
    policies: Rules,
    vault: Sealed,
    key: IdempotencyKey = None,
) -> Response:
    """Add residents to a drive, each a case of its own."""

    async def command(conn: Connection) -> FiledView:
        office = offices.of(await seen(conn, who, request_id))
        contact = (await amending.letter(conn, vault, request_id)).contact
        added = await filing.add_residents(
            conn,
            vault,
            who,
            cause,
            office,
            policies.of(office.code),
            request_id,
            body.read(contact, office.day_of(body.at)),
            body.documents_complete,
            body.at,
        )
        return FiledView.of(added)

    async with matches_noted(db, who):
        return await once(db, key, who, body, command, about=f"residents of {request_id}", status=STATUS)


async def _received(db: Database, at: datetime) -> When:
    """What is only asked is held against the server's clock like what is commanded. Raises WrongClock (422)."""
    async with db.reading() as conn:
        when = When(at, await business_time(conn))
    must_have_come(at, when.received_at)
    return when


def _office_of(kelurahan: str, who: Identity, offices: Offices) -> Office:
    who.must_see(kelurahan)
    if not is_kelurahan(kelurahan) or kelurahan[:5] not in offices:
        raise Invalid("kode kelurahan/desa tidak dikenal", field="kelurahan", rule="kode Kemendagri PP.KK.CC.VVVV")
    return offices.of(kelurahan)
