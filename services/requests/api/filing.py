"""The commands that bring residents in (file a letter, add residents to a drive), and checks of them before."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.requests import privacy
from services.requests.api.bodies import FilingBody, LikenessBody, NumberBody, ResidentsBody
from services.requests.api.dependencies import Filer, FilingDep, OfficesDep, Operator, VaultDep, own_entry
from services.requests.api.views.filing import CheckedView, FiledView, NumberView
from services.requests.domain.letter_numbers import repeated
from services.requests.store import amending, letter_numbers
from services.requests.usecases import checking, filing
from services.requests.usecases.checking import Checked
from services.requests.usecases.holding import seen
from shared.clock import business_time
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.http.commands import IdempotencyKey
from shared.http.dependencies import Db
from shared.problems import Invalid
from shared.reference.device_time import reject_future
from shared.reference.offices import Office, Offices
from shared.reference.regions import is_kelurahan
from shared.security.auth import Identity

router = APIRouter(prefix="/requests", tags=["requests"])

CREATED = 201


@router.post("", status_code=CREATED, response_model=FiledView, dependencies=[Depends(own_entry)])
async def file(body: FilingBody, who: Filer, deps: FilingDep, key: IdempotencyKey = None) -> Response:
    """File a letter, one case a resident; a case whose papers are complete is accepted at once."""
    _office_of(body.kelurahan, who, deps.offices)

    async def command(conn: Connection) -> FiledView:
        context = deps.context(conn, who, body.kelurahan)
        submission = body.submission(context.office, await business_time(conn))
        return FiledView.of(await filing.file(context, submission, ask_first=body.ask_first))

    return await deps.run_once(key, who, body, command, about="file", status=CREATED)


@router.post("/check")
async def check(body: FilingBody, who: Filer, deps: FilingDep) -> CheckedView:
    """What filing this letter would say, for a form that checks while it is filled in; nothing is stored."""
    office = _office_of(body.kelurahan, who, deps.offices)
    received_at = await _received(deps.db, body.at)
    try:
        submission = body.submission(office, received_at)
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with deps.db.transaction() as conn:
        checked = await checking.check(deps.context(conn, who, office.code), submission)
        await privacy.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


@router.post("/check/resident")
async def check_resident(body: LikenessBody, who: Filer, db: Db, offices: OfficesDep, vault: VaultDep) -> CheckedView:
    """Whether one resident has an open case, or looks like somebody who has, while the letter is not complete yet;
    nothing is stored. What is not known is left out."""
    now = await _received(db, body.at)
    day = _office_of(body.kelurahan, who, offices).day_of(now) if body.kelurahan else now.date()
    try:
        nik, likeness = body.read(day)
    except Invalid as refused:
        return CheckedView.of(Checked(list(refused.errors), [], [], ()))
    async with db.transaction() as conn:
        checked = await checking.check_duplicate(conn, vault, who, nik, likeness)
        await privacy.note_matches(conn, who, checked.elsewhere)
    return CheckedView.of(checked)


@router.post("/check/number")
async def check_number(body: NumberBody, who: Filer, db: Db, offices: OfficesDep) -> NumberView:
    """Whether the kelurahan has used a letter number this year, and which number it filed last; nothing is
    stored. A form asks while the letter is not complete yet."""
    office = _office_of(body.kelurahan, who, offices)
    today = office.day_of(await _received(db, body.at))
    if body.date and body.date > today:
        raise Invalid("tanggal surat paling lambat hari ini", field="date")
    async with db.connection() as conn:
        last = await letter_numbers.last(conn, body.kelurahan)
        used = body.number and await letter_numbers.used(conn, body.kelurahan, body.number, (body.date or today).year)
    return NumberView.of(last, repeated(used, "number") if used else None)


@router.post("/{request_id}/residents", status_code=CREATED, response_model=FiledView)
async def add_residents(
    request_id: UUID, body: ResidentsBody, who: Operator, deps: FilingDep, key: IdempotencyKey = None
) -> Response:
    """Add residents to a drive, each a case of its own."""

    async def command(conn: Connection) -> FiledView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        letter = await amending.letter(conn, deps.vault, request_id)
        applications = body.applications(letter.contact, context.office.day_of(body.at))
        added = await filing.add_residents(context, request_id, applications, body.documents_complete, body.at)
        return FiledView.of(added)

    return await deps.run_once(key, who, body, command, about=f"residents of {request_id}", status=CREATED)


async def _received(db: Database, at: datetime) -> datetime:
    """The time of receipt, by business time. Raises WrongClock (422) when `at` is far ahead of it."""
    async with db.connection() as conn:
        received_at = await business_time(conn)
    reject_future(at, received_at)
    return received_at


def _office_of(kelurahan: str, who: Identity, offices: Offices) -> Office:
    """The office of a kelurahan. Raises Forbidden (403) outside of the wilayah, Invalid (422) for an unknown code."""
    who.must_see(kelurahan)
    if not is_kelurahan(kelurahan) or kelurahan[:5] not in offices:
        raise Invalid("kode kelurahan/desa tidak dikenal", field="kelurahan", rule="kode Kemendagri PP.KK.CC.VVVV")
    return offices.of(kelurahan)
