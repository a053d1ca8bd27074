"""The visits of a day, to print. It names nobody; names and addresses come by a form, one look that is noted."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.requests.api.dependencies import CASEWORKERS, OfficesDep, VaultDep
from services.requests.domain.audit import Purpose
from services.requests.domain.finding import spans_on
from services.requests.domain.people import Person
from services.requests.domain.tracking.codes import shown
from services.requests.pages.dependencies import TEMPLATES, Reader, named
from services.requests.pages.regions import home
from services.requests.store.lists import visits
from services.requests.store.lists.visits import PlannedVisit
from services.requests.usecases import finding
from shared.clock import business_time
from shared.database.pool import Database
from shared.http.dependencies import Db
from shared.reference.offices import Office, Offices
from shared.security.auth import LISTED, Identity
from shared.web.pages import page
from shared.web.session import page as opens
from shared.web.times import clock_in

PATH = "/permohonan/kunjungan"
MOST = 300
"""Visits on one page: what the teams of a large office do in a day."""

router = APIRouter(tags=["pages"], include_in_schema=False)
Caseworker = Annotated[Identity, Depends(opens(*CASEWORKERS, scope=LISTED))]
Wanted = Annotated[date | None, Query(alias="tanggal", ge=date(2000, 1, 1), lt=date(2100, 1, 1))]


@router.get(PATH)
async def visits_of_day(request: Request, who: Reader, db: Db, offices: OfficesDep, day: Wanted = None) -> Response:
    """The visits of a day, today if none is named, in the person's wilayah."""
    day, found = await _found(who, db, offices, day)
    return _page(request, who, offices, day, found, {})


@router.post(PATH)
async def visits_with_names(
    request: Request, who: Caseworker, db: Db, vault: VaultDep, offices: OfficesDep, day: Wanted = None
) -> Response:
    """The same with names and addresses; who looked, and at whom, is written down before."""
    day, found = await _found(who, db, offices, day)
    persons = await finding.persons_of(db, vault, who, [visit.case_id for visit in found], Purpose.VISIT)
    return _page(request, who, offices, day, found, persons)


async def _found(who: Identity, db: Database, offices: Offices, day: date | None) -> tuple[date, list[PlannedVisit]]:
    mine = offices.overlapping(who.wilayah)
    async with db.connection() as conn:
        now = await business_time(conn)
        day = day or (mine[0].day_of(now) if mine else now.date())
        return day, await visits.of_day(conn, who.wilayah, spans_on(day, mine), MOST)


def _page(
    request: Request,
    who: Identity,
    offices: Offices,
    day: date,
    found: list[PlannedVisit],
    persons: Mapping[UUID, Person],
) -> Response:
    office = home(who, offices)
    return page(
        request,
        "visits.html.j2",
        among=TEMPLATES,
        who=who,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        visits=found,
        persons=persons,
        reads_persons=who.is_any(*CASEWORKERS),
        office=office,
        hours=lambda visit: _hours(visit, offices.of(visit.kelurahan)),
        place=lambda code: named(code).name,
        shown=shown,
    )


def _hours(visit: PlannedVisit, office: Office) -> str:
    starts, ends = (clock_in(at.astimezone(office.tz)) for at in (visit.starts_at, visit.ends_at))
    return f"{starts}–{ends} {office.zone_name}"
