"""The slip (role operator): one for each resident of a request, to print, cut out and give to the family.

It holds the tracking code and how to use it. The operator writes the name by hand, or asks for slips with names, as
an institution needs them: that look is written down before. The QR code carries the code behind a #, which browsers
never send.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Query, Request, Response

from services.requests.api.dependencies import ONE, Dependencies, Deps, public_address
from services.requests.domain.audit import Purpose
from services.requests.domain.people import Document
from services.requests.domain.rules.policy import Policy
from services.requests.domain.tracking.codes import shown
from services.requests.pages.bantuan import PATH as HELP
from services.requests.pages.dependencies import TEMPLATES
from services.requests.pages.lacak import PATH
from services.requests.store.tracking.cases import SlipRow
from services.requests.usecases import finding, printing
from services.requests.usecases.printing import Printed
from shared.http.dependencies import Db
from shared.security.auth import Identity, Role
from shared.web.pages import page
from shared.web.session import page as opens

MOST = 60
"""Slips on one page: ten sheets of A4."""

router = APIRouter(tags=["pages"], include_in_schema=False)
Operator = Annotated[Identity, Depends(opens(Role.OPERATOR, scope=ONE))]
Halaman = Annotated[int, Query(ge=1, le=1000)]


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """A slip as it is printed; `code` and `qr` are "" until the case has a code."""

    place: int
    papers: Sequence[Document]
    code: str
    qr: str
    """An SVG."""
    name: str = field(default="", repr=False)
    """"" where it is written by hand."""


@router.get("/permohonan/{request_id}/slip")
async def slips(
    request: Request, request_id: UUID, who: Operator, db: Db, deps: Deps, halaman: Halaman = 1
) -> Response:
    """The slips of a request, so many a page; those of cases that ended without a card are left out."""
    printed = await printing.page_of(db, who, request_id, halaman, MOST)
    return await _page(request, who, printed, deps, {})


@router.post("/permohonan/{request_id}/slip")
async def slips_with_names(
    request: Request, request_id: UUID, who: Operator, db: Db, deps: Deps, halaman: Halaman = 1
) -> Response:
    """The same with the residents' names: one look, written down before."""
    printed = await printing.page_of(db, who, request_id, halaman, MOST)
    cases = [each.case_id for each in printed.rows] if printed else []
    persons = await finding.persons_of(db, deps.vault, who, cases, Purpose.VISIT)
    names = {case_id: person.name for case_id, person in persons.items()}
    return await _page(request, who, printed, deps, names)


async def _page(
    request: Request, who: Identity, printed: Printed | None, deps: Dependencies, names: Mapping[UUID, str]
) -> Response:
    if printed is None:
        return page(request, "gone.html.j2", 404, TEMPLATES, who=who)
    address, row = tracked_at(request), printed.request
    drawn = await asyncio.to_thread(_drawn, address, deps.policies.of(row.office), printed.rows)
    named = [replace(slip, name=names.get(of.case_id, "")) for slip, of in zip(drawn, printed.rows, strict=True)]
    return page(
        request,
        "slip.html.j2",
        among=TEMPLATES,
        who=who,
        request_id=row.id,
        slips=named,
        named=bool(names),
        residents=printed.residents,
        total=printed.total,
        first=printed.first,
        number_of_page=printed.number,
        pages=printed.pages,
        address=_bare(address),
        help=_bare(address).removesuffix(PATH) + HELP,
        office=deps.offices[row.office],
    )


def tracked_at(request: Request) -> str:
    """Where families track, as the outside knows this server."""
    return public_address(request, PATH)


def _bare(address: str) -> str:
    return address.removeprefix(f"{urlsplit(address).scheme}://")


def _drawn(address: str, policy: Policy, found: Sequence[SlipRow]) -> list[PrintedSlip]:
    return [_slip(address, each, policy.required(each.service)) for each in found]


def _slip(address: str, case: SlipRow, required: Collection[Document]) -> PrintedSlip:
    papers = [each for each in Document if each in {*required, *case.papers}]
    if case.tracking is None:
        return PrintedSlip(case.place, papers, "", "")
    return PrintedSlip(case.place, papers, shown(case.tracking), _qr(f"{address}#{case.tracking}"))


def _qr(text: str) -> str:
    # Without a style attribute, which the pages' policy forbids; M bears a crease and a smudge.
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=1, svgclass="", lineclass=""
    )
    return drawn
