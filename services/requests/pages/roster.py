"""The roster of a request, to print for its institution: who is expected, and room to sign.

It names nobody; names, birth dates and the institution's contact come by a form, and that look is written down.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.requests import privacy
from services.requests.api.dependencies import CASEWORKERS, ONE, OfficesDep, VaultDep
from services.requests.domain.audit import Purpose
from services.requests.domain.people import Contact, Person
from services.requests.pages.dependencies import TEMPLATES, ReaderOfOne, named
from services.requests.store import amending
from services.requests.usecases import finding, printing
from services.requests.usecases.printing import Printed
from shared.http.dependencies import Db
from shared.reference.offices import Offices
from shared.security.auth import Identity
from shared.web.pages import page
from shared.web.session import page as opens

MOST = 200
"""Residents on one page: what one look opens."""

router = APIRouter(tags=["pages"], include_in_schema=False)
Caseworker = Annotated[Identity, Depends(opens(*CASEWORKERS, scope=ONE))]
Halaman = Annotated[int, Query(ge=1, le=1000)]


@router.get("/permohonan/{request_id:uuid}/daftar")
async def roster(
    request: Request, request_id: UUID, who: ReaderOfOne, db: Db, offices: OfficesDep, halaman: Halaman = 1
) -> Response:
    """The roster by numbers."""
    found = await printing.page_of(db, who, request_id, halaman, MOST)
    return _page(request, who, offices, found, {}, Contact())


@router.post("/permohonan/{request_id:uuid}/daftar")
async def roster_with_names(
    request: Request,
    request_id: UUID,
    who: Caseworker,
    db: Db,
    vault: VaultDep,
    offices: OfficesDep,
    halaman: Halaman = 1,
) -> Response:
    """The same with names, birth dates, and whom to call; who looked, and at whom, is written down before."""
    found = await printing.page_of(db, who, request_id, halaman, MOST)
    if found is None:
        return _page(request, who, offices, None, {}, Contact())
    persons = await finding.persons_of(db, vault, who, [row.case_id for row in found.rows], Purpose.VISIT)
    async with db.transaction() as conn:
        await privacy.note_contact(conn, who, request_id, Purpose.VISIT)
    async with db.connection() as conn:
        contact = (await amending.letter(conn, vault, request_id)).contact
    return _page(request, who, offices, found, persons, contact)


def _page(
    request: Request,
    who: Identity,
    offices: Offices,
    found: Printed | None,
    persons: Mapping[UUID, Person],
    contact: Contact,
) -> Response:
    if found is None:
        return page(request, "gone.html.j2", 404, TEMPLATES, who=who)
    return page(
        request,
        "roster.html.j2",
        among=TEMPLATES,
        who=who,
        roster=found,
        letter=found.request,
        persons=persons,
        contact=contact,
        reads_persons=who.is_any(*CASEWORKERS),
        office=offices[found.request.office],
        kelurahan=named(found.request.kelurahan),
    )
