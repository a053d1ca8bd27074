"""The roster of a request, to print for its institution: who is expected, and room to sign.

It names nobody; names, birth dates and the institution's contact come by a form, and that look is written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.requests import auditing
from services.requests.api.wiring import CASEWORKERS, ONE, Known, Sealed
from services.requests.domain.audit import Purpose
from services.requests.domain.people import Contact, Person
from services.requests.pages.wiring import OURS, ReaderOfOne, named
from services.requests.store import amending, reading
from services.requests.store import tracking as store
from services.requests.store.reading import RequestRow
from services.requests.store.tracking import SlipRow
from services.requests.usecases import finding
from shared.asking import Db
from shared.auth import Identity
from shared.db import Database
from shared.offices import Offices
from shared.web.pages import page
from shared.web.session import page as opens

MOST = 200
"""Residents on one page: what one look opens."""

router = APIRouter(tags=["pages"], include_in_schema=False)
Caseworker = Annotated[Identity, Depends(opens(*CASEWORKERS, scope=ONE))]
Halaman = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of a request's residents, without those whose case ended without a card."""

    request: RequestRow
    number: int
    rows: list[SlipRow]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // MOST))

    @property
    def has_lines(self) -> bool:
        """Whether any of them came with a list."""
        return any(row.line for row in self.rows)


@router.get("/permohonan/{request_id:uuid}/daftar")
async def roster(
    request: Request, request_id: UUID, who: ReaderOfOne, db: Db, offices: Known, halaman: Halaman = 1
) -> Response:
    """The roster by numbers."""
    found = await _found(db, who, request_id, halaman)
    return _page(request, who, offices, found, {}, Contact())


@router.post("/permohonan/{request_id:uuid}/daftar")
async def roster_with_names(
    request: Request,
    request_id: UUID,
    who: Caseworker,
    db: Db,
    vault: Sealed,
    offices: Known,
    halaman: Halaman = 1,
) -> Response:
    """The same with names, birth dates, and whom to call; who looked, and at whom, is written down before."""
    found = await _found(db, who, request_id, halaman)
    if found is None:
        return _page(request, who, offices, None, {}, Contact())
    persons = await finding.persons_of(db, vault, who, [row.case_id for row in found.rows], Purpose.VISIT)
    async with db.transaction() as conn:
        await auditing.note_contact(conn, who, request_id, Purpose.VISIT)
    async with db.reading() as conn:
        contact = (await amending.letter(conn, vault, request_id)).contact
    return _page(request, who, offices, found, persons, contact)


async def _found(db: Database, who: Identity, request_id: UUID, number: int) -> Roster | None:
    """None of a request that the caller may not know of."""
    async with db.reading() as conn:
        row = await reading.one(conn, request_id)
        if row is None or not who.sees(row.kelurahan):
            return None
        rows = await store.slips(conn, request_id, MOST, (number - 1) * MOST)
        _, total = await store.counts(conn, request_id)
    return Roster(row, number, rows, total)


def _page(
    request: Request,
    who: Identity,
    offices: Offices,
    found: Roster | None,
    persons: Mapping[UUID, Person],
    contact: Contact,
) -> Response:
    if found is None:
        return page(request, "gone.html.j2", 404, OURS, who=who)
    return page(
        request,
        "roster.html.j2",
        among=OURS,
        who=who,
        roster=found,
        letter=found.request,
        persons=persons,
        contact=contact,
        reads_persons=who.is_any(*CASEWORKERS),
        office=offices[found.request.office],
        kelurahan=named(found.request.kelurahan),
    )
