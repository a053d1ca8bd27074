"""Papers of a case as files: attached as they are photographed or scanned, lent by a link that soon ends."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.requests import privacy
from services.requests.api.bodies import Body
from services.requests.api.dependencies import Caseworker, FilesDep, FilingDep, Operator, VaultDep
from services.requests.api.views.attachments import AttachmentsView, AttachmentView, LinkView, RemovedView
from services.requests.attachments.file_encryption import encrypt_file, sha256
from services.requests.domain.audit import Purpose
from services.requests.domain.files import FileRejected, FileType
from services.requests.domain.people import Document
from services.requests.store import attachments as store
from services.requests.usecases import attaching
from services.requests.usecases.holding import moment, seen
from shared.contract.fields import SentInstant
from shared.database.connection import Connection
from shared.http.commands import CommandsDep, IdempotencyKey
from shared.http.dependencies import Db
from shared.problems import Invalid, NotFound
from shared.security.auth import anyone
from shared.system_clock import utc_now

router = APIRouter(prefix="/requests/{request_id}/cases/{case_id}/attachments", tags=["attachments"])
lent = APIRouter(dependencies=[Depends(anyone)], include_in_schema=False)
routers = (router, lent)

BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A JPEG, PNG or PDF, as its content says; what the header says of it is not believed.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


class ShownQuery(BaseModel):
    """Which paper is attached, and when it was shown."""

    document: Document
    at: SentInstant | None = None


class Sent(BaseModel):
    """What makes a command of an upload: the same paper and content again is the same command."""

    document: Document
    sha256: str


class Removal(BaseModel):
    """There is nothing to say but which."""

    attachment_id: UUID


class LinkBody(Body):
    """Why a paper is opened."""

    purpose: Purpose


@router.post("", status_code=201, response_model=AttachmentView, openapi_extra=BINARY)
async def attach(
    request_id: UUID,
    case_id: UUID,
    shown: Annotated[ShownQuery, Query()],
    request: Request,
    who: Operator,
    deps: FilingDep,
    key: IdempotencyKey = None,
) -> Response:
    """Attach a paper. A photo keeps its picture and loses all else it tells.

    The paper counts as shown at `at`, by the operator's own device; without it, at the service's business time.
    """
    files = deps.files
    async with deps.db.connection() as conn:
        await attaching.must_know(conn, who, request_id, case_id)
        shown_at = await moment(conn, shown.at)
    async with files.intake.received(request) as content:
        body = Sent(document=shown.document, sha256=sha256(content))
        try:
            examined = await files.examiner.examine(content)
        except FileRejected as refused:
            raise Invalid(refused.flaw.words, field="body") from None
        parcel = await encrypt_file(examined, case_id)
        # Before the row, and outside of its transaction: what never gets a row is swept away.
        await files.store.put(parcel.id, parcel.sealed)

    async def command(conn: Connection) -> AttachmentView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        kept = await attaching.keep(context, request_id, case_id, shown.document, parcel, shown_at)
        return AttachmentView.of(kept)

    about = f"attach to {case_id} of {request_id}"
    return await deps.run_once(key, who, body, command, about=about, status=201)


@router.get("")
async def attachments(request_id: UUID, case_id: UUID, who: Caseworker, db: Db) -> AttachmentsView:
    """What is attached to a case; what it shows is opened by a link."""
    async with db.connection() as conn:
        await attaching.must_know(conn, who, request_id, case_id)
        return AttachmentsView(items=[AttachmentView.of(each) for each in await store.of_case(conn, case_id)])


@router.delete("/{attachment_id}", response_model=RemovedView)
async def remove(
    request_id: UUID, case_id: UUID, attachment_id: UUID, who: Operator, commands: CommandsDep
) -> Response:
    """Take back a file until a visit is planned; that it was is written down."""

    async def command(conn: Connection) -> RemovedView:
        await attaching.remove(conn, who, request_id, case_id, attachment_id)
        return RemovedView(attachment_id=attachment_id)

    about = f"remove {attachment_id} of {case_id} of {request_id}"
    return await commands.run(who, Removal(attachment_id=attachment_id), command, about=about)


@router.post("/{attachment_id}/link")
async def link(
    request_id: UUID, case_id: UUID, attachment_id: UUID, body: LinkBody, who: Caseworker, db: Db, files: FilesDep
) -> LinkView:
    """A link that opens a file for a short while. It is written down as a reading of the person before it is made."""
    # Written down and committed first, and what was refused too.
    async with db.transaction() as conn:
        granted = await privacy.note_reading(conn, who, case_id, body.purpose)
    if not granted:
        raise NotFound("kasus tidak ditemukan", field="case_id")
    async with db.connection() as conn:
        await attaching.must_know(conn, who, request_id, case_id)
        found = await store.one(conn, attachment_id)
    if found is None or found.case_id != case_id:
        raise NotFound("lampiran tidak ditemukan", field="attachment_id")
    token, ends = files.links.make(attachment_id, utc_now())
    return LinkView(url=f"/berkas/{token}", expires_at=ends)


@lent.get("/berkas/{token}")
async def opened(token: str, db: Db, vault: VaultDep, files: FilesDep) -> Response:
    """The file of a link. Whoever has the token may open it; the token soon ends."""
    attachment_id = files.links.read(token, utc_now())
    async with db.connection() as conn:
        found, key = await attaching.opened(conn, vault, attachment_id)
    content = await attaching.read(files.store, found, key)
    # A browser's own reader of PDF does not run in a sandbox: such a file is saved, a picture is shown.
    shown = "attachment" if found.type is FileType.PDF else "inline"
    headers = {
        "Content-Disposition": f'{shown}; filename="{found.document}.{found.type.suffix}"',
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=found.type, headers=headers)
