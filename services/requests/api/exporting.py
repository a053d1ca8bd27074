"""What the office takes along as a spreadsheet: the work list without persons, and the residents of a letter."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from services.requests import privacy
from services.requests.api.dependencies import CaseworkerOfOne, OfficesDep, Staff, VaultDep
from services.requests.api.importing import CSV
from services.requests.api.reading import Narrowed
from services.requests.domain.audit import Purpose
from services.requests.encryption import Vault
from services.requests.sheets import worklist, writing
from services.requests.store import people
from services.requests.store.lists import listing
from services.requests.store.reading import RequestRow
from shared.database.connection import Connection
from shared.http.dependencies import Db
from shared.problems import NotFound
from shared.security.auth import anyone

router = APIRouter(tags=["lists"])

PAGE = 200
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("/residents/template.csv", dependencies=[Depends(anyone)], response_class=Response, responses=_ANSWER)
def template() -> Response:
    """An empty list of residents, with the headings that an import takes and one made-up row."""
    return Response(writing.template(), media_type=CSV, headers=_named("templat-warga.csv"))


@router.get("/requests/export", response_class=Response, responses=_ANSWER)
async def requests(who: Staff, db: Db, offices: OfficesDep, chosen: Narrowed) -> Response:
    """The requests that GET /requests lists, all pages of them, as CSV. No person is in it."""

    async def page(after: UUID | None) -> list[RequestRow]:
        async with db.connection() as conn:
            return await listing.page(conn, who.wilayah, chosen, after, PAGE)

    async def rows(found: list[RequestRow]) -> AsyncIterator[bytes]:
        yield writing.lines([worklist.HEADINGS], first=True)
        while found:
            yield writing.lines(worklist.row(each, offices.of(each.office)) for each in found)
            found = await page(found[-1].id) if len(found) == PAGE else []

    # The first page is read before the answer begins: what fails, fails with a status of its own.
    return _streamed(rows(await page(None)), "permohonan.csv")


@router.get("/requests/{request_id}/residents/export", response_class=Response, responses=_ANSWER)
async def residents(request_id: UUID, who: CaseworkerOfOne, db: Db, vault: VaultDep, purpose: Purpose) -> Response:
    """The residents of a letter whose cases were not closed, in the clear, with the columns of an import.

    That each of them is read, or was refused, is written down before the first byte.
    """
    async with db.transaction() as conn:
        granted, case_ids = await privacy.note_readings(conn, who, request_id, purpose)
    if not granted:
        raise NotFound("permohonan tidak ditemukan", field="request_id")

    async def rows() -> AsyncIterator[bytes]:
        yield writing.lines([writing.headings()], first=True)
        for start in range(0, len(case_ids), PAGE):
            async with db.connection() as conn:
                found = await people.listed(conn, case_ids[start : start + PAGE])
                fields = [await _fields(conn, vault, each) for each in found]
            yield writing.lines(map(writing.resident, fields))

    return _streamed(rows(), f"warga-{request_id}.csv")


async def _fields(conn: Connection, vault: Vault, listed: people.Listed) -> dict[str, Any]:
    """A resident as POST /requests would take it."""
    person = await vault.open(conn, listed.case_id, listed.key_id, listed.sealed)
    return {
        **{each.name: getattr(person, each.name) for each in dataclasses.fields(person)},
        "birth_date": str(person.birth_date.year) if person.birth_date_estimated else person.birth_date,
        "service": listed.service,
        "needs": listed.skills,
        "documents": listed.documents,
        "family_card": listed.family_card,
    }


def _streamed(rows: AsyncIterator[bytes], name: str) -> Response:
    return StreamingResponse(rows, media_type=CSV, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
