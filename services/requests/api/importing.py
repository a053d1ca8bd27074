"""The list of a drive as a spreadsheet: checked first, then stored whole, or as far as it is good."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.requests import privacy
from services.requests.api.bodies import Body
from services.requests.api.dependencies import FilingDep, FilingDependencies, Operator
from services.requests.api.list_rows import read
from services.requests.api.views.importing import ImportedView
from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from services.requests.settings import Settings
from services.requests.sheets.entries import Read, SheetEntry
from services.requests.sheets.writing import to_be_mended
from services.requests.usecases import importing
from services.requests.usecases.duplicates import CrossRegionMatch
from services.requests.usecases.holding import seen
from services.requests.usecases.importing import DriveLetter, ListOverlap
from shared.contract.fields import SentInstant
from shared.database.connection import Connection
from shared.http.commands import IdempotencyKey
from shared.problems import Invalid, Problem
from shared.security.auth import Identity
from shared.service import BodyLimit, RouteBodyLimit
from shared.web.words import Language

router = APIRouter(prefix="/requests", tags=["lists"])

CSV = "text/csv"
BEYOND = Warned(
    "jumlah",
    "mulai baris ini warga lebih banyak daripada perkiraan jumlah dalam surat",
    "drive.headcount",
    "from this row on there are more residents than the letter expects",
)
WITHDRAWN = Warned(
    "nama",
    "sudah ditarik dari permohonan ini, jadi dilewati; bila diajukan lagi, tambahkan satu per satu",
    "drive.withdrawn",
    "was withdrawn from this request and is passed by; to file again, add them one by one",
)
_PATH = re.compile(r"/requests/[^/]+/residents/import(/wrong)?")


class NotCsv(Problem):
    """Another kind of content."""

    status, title = 415, "Jenis isi tidak didukung"


class InvalidList(CrossRegionMatch, Invalid):
    """A list with rows that are not good: nothing is stored."""


class ImportQuery(Body):
    """How a list is taken."""

    dry_run: bool = True
    """Only say what is wrong."""
    partial: bool = False
    """Store the good rows though others are bad."""
    documents_complete: bool = False
    """Every required paper of every resident was shown; else each row's `dokumen` count."""
    at: SentInstant | None = None
    """By the operator's own device; without it the service's business time."""


class WrongQuery(Body):
    """How the wrong rows of a list are said."""

    language: Language = "id"
    at: SentInstant | None = None
    """As of an import."""


class _Sent(ImportQuery):
    """What makes two imports the same command."""

    content: str


def body_limit(told: Settings) -> RouteBodyLimit:
    """The one route whose requests are lists."""
    return RouteBodyLimit("POST", _PATH, BodyLimit(told.import_max, "Bagi daftar menjadi beberapa file."))


@router.post(
    "/{request_id}/residents/import",
    response_model=ImportedView,
    openapi_extra={"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}},
)
async def import_residents(
    request_id: UUID,
    request: Request,
    query: Annotated[ImportQuery, Query()],
    who: Operator,
    deps: FilingDep,
    key: IdempotencyKey = None,
) -> Response:
    """Residents of a drive, from a CSV file with the headings of the template.

    Every bad row is said with its line, column and rule. Nothing is stored by a dry run, nor of a list with bad rows
    unless `partial`: then the good ones are. In one transaction.
    """
    content, drive, listed = await _receive(request, deps, who, request_id, query.at)

    async def command(conn: Connection) -> ImportedView:
        met = await importing.meet(conn, deps.vault, who, request_id, drive, _good(listed.entries))
        judged = _judged(listed.entries, met)
        if not query.dry_run:
            if not query.partial:
                _must_be_good(judged, met)
            context, good = deps.context(conn, who, drive.office.code), [*_good(judged).values()]
            await importing.add(context, request_id, good, query.documents_complete, drive.when.at)
        await privacy.note_matches(conn, who, met.elsewhere)
        return ImportedView.of(request_id, judged, listed.notes, stored=not query.dry_run)

    if query.dry_run:
        async with deps.db.transaction() as conn:
            return Response((await command(conn)).model_dump_json(), media_type="application/json")
    sent = _Sent(**query.model_dump(), content=hashlib.sha256(content).hexdigest())
    return await deps.run_once(key, who, sent, command, about=f"import into {request_id}")


@router.post(
    "/{request_id}/residents/import/wrong",
    response_class=Response,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
    openapi_extra={"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}},
)
async def wrong_rows(
    request_id: UUID, request: Request, query: Annotated[WrongQuery, Query()], who: Operator, deps: FilingDep
) -> Response:
    """The rows of a list that an import would refuse, as CSV with their line and what is wrong; nothing is stored."""
    _, drive, listed = await _receive(request, deps, who, request_id, query.at)
    async with deps.db.transaction() as conn:
        met = await importing.meet(conn, deps.vault, who, request_id, drive, _good(listed.entries))
        await privacy.note_matches(conn, who, met.elsewhere)
    judged = _judged(listed.entries, met)
    rows = await asyncio.to_thread(to_be_mended, listed.names, judged, english=query.language == "en")
    named = {"Content-Disposition": 'attachment; filename="baris-yang-salah.csv"'}
    return Response(rows, media_type=CSV, headers=named)


async def _receive(
    request: Request, deps: FilingDependencies, who: Identity, request_id: UUID, at: datetime | None
) -> tuple[bytes, DriveLetter, Read]:
    """The list as it was sent, the drive that it is for, and its rows.

    Raises NotFound (404), before the body is read, for a request that the caller may not know of; NotCsv (415), and
    Invalid (422) for `at` or for a file that is no list.
    """
    async with deps.db.connection() as conn:
        await seen(conn, who, request_id)
    content = await _content(request)
    async with deps.db.connection() as conn:
        drive = await importing.drive_of(conn, deps.vault, who, request_id, deps.offices, deps.policies, at)
    return content, drive, await asyncio.to_thread(read, content, drive)


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CSV:
        raise NotCsv("Kirim file CSV, dengan header Content-Type: text/csv.")
    return await request.body()


def _good(entries: Sequence[SheetEntry]) -> dict[int, Application]:
    """The good and new ones by their line."""
    return {
        entry.line: entry.application
        for entry in entries
        if entry.application and not entry.errors and not entry.stored
    }


def _judged(entries: Sequence[SheetEntry], met: ListOverlap) -> list[SheetEntry]:
    """The rows with what the office knows of their residents, and those beyond the headcount."""
    judged, places = [], met.places
    for entry in entries:
        line, errors, warnings = entry.line, entry.errors, entry.warnings
        if line in met.stored:
            gone = (WITHDRAWN,) if met.stored[line] else ()
            judged.append(replace(entry, warnings=gone, stored=True))
            continue
        errors += (met.taken[line],) if line in met.taken else ()
        warnings += (met.alike[line],) if line in met.alike else ()
        if not errors:
            places += 1
            warnings += (BEYOND,) if places == met.headcount + 1 else ()
        judged.append(replace(entry, errors=errors, warnings=warnings))
    return judged


def _must_be_good(entries: Sequence[SheetEntry], met: ListOverlap) -> None:
    """Raises InvalidList (422) with what is wrong in which line."""
    errors = [
        replace(broken, field=f"baris {entry.line}: {broken.field}") for entry in entries for broken in entry.errors
    ]
    if errors:
        raise InvalidList.found(errors, met.elsewhere)
