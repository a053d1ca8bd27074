"""The commands that bring residents in: check, file, add residents to a drive."""

from contextlib import suppress
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.requests import auditing
from services.requests.api.bodies import FilingBody, LikenessBody, ResidentsBody
from services.requests.api.counter import STATUS, Filed
from services.requests.api.noting import matches_noted
from services.requests.api.views.filing import CheckedView, FiledView
from services.requests.api.wiring import Filer, InHand, Known, Operator, Rules, Sealed, own_entry
from services.requests.domain.filing import HOUSEHOLD
from services.requests.store import amending
from services.requests.usecases import filing
from services.requests.usecases.filing import Checked, Ready
from services.requests.usecases.holding import seen
from shared.asking import Db, StoryCause
from shared.auth import Identity
from shared.commands import IdempotencyKey, Sent, answered, once
from shared.connection import Connection
from shared.lean import LeanRoute
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
    letter, applications = body.read(office.day_of(body.at))

    async def command(conn: Connection) -> FiledView:
        return FiledView.of(
            await filing.file(conn, vault, who, cause, office, policy, letter, applications, complete, body.at)
        )

    if len(applications) <= HOUSEHOLD:
        with suppress(Invalid):  # unless it was filed before, under other rules: then its first answer counts
            ready = filing.prepared(office, policy, letter, applications, complete, body.at)
            sent = Sent.by(who, key, body, "file", db)
            answer = await hands.counter.file(Filed(db, sent, Ready(ready, who, cause)))
            if answer is not None:
                return answered(answer, STATUS)
    async with matches_noted(db, who):
        return await once(db, key, who, body, command, about="file", status=STATUS)


@router.post("/check")
async def check(body: FilingBody, who: Filer, db: Db, offices: Known, policies: Rules, vault: Sealed) -> CheckedView:
    """What filing this letter would say, for a form that checks while it is filled in; nothing is stored."""
    office = _office_of(body.kelurahan, who, offices)
    try:
        letter, applications = body.read(office.day_of(body.at))
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with db.transaction() as conn:
        policy = policies.of(office.code)
        complete = body.documents_complete
        checked = await filing.check(conn, vault, who, office, policy, letter, applications, complete, body.at)
        await auditing.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


@router.post("/check/resident")
async def check_resident(body: LikenessBody, who: Filer, db: Db, offices: Known, vault: Sealed) -> CheckedView:
    """Whether one resident has an open case, or looks like somebody who has, while the letter is not complete yet;
    nothing is stored. What is not known is left out."""
    day = _office_of(body.kelurahan, who, offices).day_of(body.at) if body.kelurahan else body.at.date()
    try:
        nik, likeness = body.read(day)
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with db.transaction() as conn:
        checked = await filing.recognise(conn, vault, who, nik, likeness)
        await auditing.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


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


def _office_of(kelurahan: str, who: Identity, offices: Offices) -> Office:
    who.must_see(kelurahan)
    if not is_kelurahan(kelurahan) or kelurahan[:5] not in offices:
        raise Invalid("kode kelurahan/desa tidak dikenal", field="kelurahan", rule="kode Kemendagri PP.KK.CC.VVVV")
    return offices.of(kelurahan)
