"""Where requests stand, and who a case is about."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.requests import privacy
from services.requests.api.dependencies import (
    Caseworker,
    CaseworkerOfOne,
    OfficesDep,
    PoliciesDep,
    Staff,
    StaffOfOne,
    VaultDep,
)
from services.requests.api.views.person import ContactView, PersonView
from services.requests.api.views.reading import (
    AmendmentView,
    CaseView,
    OverdueView,
    RequestDetail,
    RequestPage,
    RequestView,
)
from services.requests.domain.amending import needs_of
from services.requests.domain.audit import Purpose
from services.requests.domain.finding import Day, Span, spans
from services.requests.domain.stages import State
from services.requests.store import amending, people, reading, versions
from services.requests.store.lists import listing
from services.requests.usecases.holding import open_person
from shared.clock import business_time
from shared.contract.fields import RequestKind
from shared.database.pool import Database
from shared.http.dependencies import Db
from shared.problems import NotFound
from shared.reference.offices import Offices
from shared.security.auth import Identity

router = APIRouter(tags=["requests"])

RegionCode = Annotated[str, Query(pattern=r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$")]


async def filed_in(day: Day | None, who: Identity, db: Database, offices: Offices) -> tuple[Span, ...]:
    """The day by the clock of each office that the caller sees some of."""
    if day is None:
        return ()
    async with db.connection() as conn:
        now = await business_time(conn)
    return spans(day, offices.overlapping(who.wilayah), now)


async def _asked(
    kelurahan: RegionCode | None = None,
    stage: State | None = None,
    kind: RequestKind | None = None,
    overdue: bool = False,
    filed: Day | None = None,
    q: Annotated[str | None, Query(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")] = None,
) -> tuple[listing.Filter, Day | None]:
    """The filters of a list but the day of filing, and that day."""
    return listing.Filter(kelurahan, stage, kind, overdue, q), filed


async def _narrowed(
    who: Staff, db: Db, offices: OfficesDep, asked: Annotated[tuple[listing.Filter, Day | None], Depends(_asked)]
) -> listing.Filter:
    """Which requests: the filters of a list."""
    chosen, filed = asked
    return replace(chosen, filed=await filed_in(filed, who, db, offices))


Narrowed = Annotated[listing.Filter, Depends(_narrowed)]


@router.get("/requests")
async def requests(
    who: Staff,
    db: Db,
    policies: PoliciesDep,
    chosen: Narrowed,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RequestPage:
    """Requests of the caller's wilayah, the newest first.

    `kelurahan` also takes a kecamatan or an office; `stage` keeps the requests with a case at that stage, `overdue`
    those past a limit; `filed` is by the office's calendar; `q` is the beginning of a letter's number, or a tracking
    code.
    """
    async with db.connection() as conn:
        rows = await listing.page(conn, who.wilayah, chosen, after, limit)
    items = [RequestView.of(row, policies.of(row.office).legal_limit) for row in rows]
    return RequestPage(items=items, next=items[-1].request_id if len(items) == limit else None)


@router.get("/requests/{request_id}")
async def request(request_id: UUID, who: StaffOfOne, db: Db, policies: PoliciesDep) -> RequestDetail:
    """A request with its cases, and the stages and times of each."""
    async with db.connection() as conn:
        row = await reading.one(conn, request_id)
        if row is None or not who.sees(row.kelurahan):
            raise NotFound("permohonan tidak ditemukan", field="request_id")
        cases = await reading.cases(conn, request_id)
        passed = await reading.overdue(conn, request_id)
        changed = await reading.amendments(conn, request_id)
    policy = policies.of(row.office)
    return RequestDetail(
        **RequestView.of(row, policy.legal_limit).model_dump(),
        filed_by=row.filed_by,
        consent=row.consent,
        limits_passed=[OverdueView(stage=stage, due_at=due_at) for stage, due_at in passed],
        amendments=[AmendmentView.model_validate(each, from_attributes=True) for each in changed],
        cases=[CaseView.of(row, case, policy) for case in cases],
    )


@router.get("/requests/{request_id}/contact")
async def contact(request_id: UUID, who: CaseworkerOfOne, db: Db, vault: VaultDep, purpose: Purpose) -> ContactView:
    """Whom a letter names, in the clear, for a purpose; who asked, and whether it was refused, is written down."""
    async with db.transaction() as conn:
        granted = await privacy.note_contact(conn, who, request_id, purpose)
    if not granted:
        raise NotFound("permohonan tidak ditemukan", field="request_id")
    async with db.connection() as conn:
        version = await versions.of_letter(conn, request_id)
        letter = await amending.letter(conn, vault, request_id)
    return ContactView.of(request_id, letter, version)


@router.get("/cases/{case_id}/person")
async def person(
    case_id: UUID, who: Caseworker, db: Db, vault: VaultDep, policies: PoliciesDep, purpose: Purpose
) -> PersonView:
    """The resident of a case, in the clear, for a purpose; who asked, and whether it was refused, is written down."""
    # Written down and committed first: what follows may fail, but is never unknown.
    async with db.transaction() as conn:
        granted = await privacy.note_reading(conn, who, case_id, purpose)
    if not granted:
        raise NotFound("kasus tidak ditemukan", field="case_id")
    async with db.connection() as conn:
        version = await versions.of_case(conn, case_id)
        found = await open_person(conn, vault, case_id)
        asked = await people.asked_for(conn, case_id)
    needs = needs_of(policies.of(asked.office), found.reason, asked.skills)
    return PersonView.of(case_id, found, asked, needs, version)
