"""Papers of a case as files: kept beside it while it may still change, lent to who works on it."""

from datetime import datetime
from uuid import UUID

from services.requests.attachments.file_encryption import InvalidTag, decrypt_file
from services.requests.attachments.object_store import ObjectStore
from services.requests.domain.audit import Act, Purpose
from services.requests.domain.files import EncryptedFile
from services.requests.domain.letters import RECORDED, UNPROMISED
from services.requests.domain.people import Document
from services.requests.domain.stages import OPEN
from services.requests.encryption import Vault
from services.requests.store import attachments, audit, people
from services.requests.store.attachments import Attachment
from services.requests.usecases import deciding
from services.requests.usecases.filing import FilingContext
from services.requests.usecases.holding import held
from shared.database.connection import Connection
from shared.problems import Conflict, NotFound
from shared.security.auth import Identity

MOST = 20
"""Files of one case."""


async def must_know(conn: Connection, who: Identity, request_id: UUID, case_id: UUID) -> None:
    """Raises NotFound (404) for a case that the caller may not know of: before a byte of a file is read."""
    found = await people.find(conn, case_id)
    if found is None or found.request_id != request_id or not who.sees(found.kelurahan):
        raise NotFound("kasus tidak ditemukan", field="case_id")


async def keep(
    context: FilingContext, request_id: UUID, case_id: UUID, document: Document, file: EncryptedFile, at: datetime
) -> Attachment:
    """Note down a file that is in the store already; its paper counts as shown, and may complete the case.

    Raises NotFound (404), or Conflict (409) for a case that was recorded or closed, or has too many.
    """
    conn, who = context.conn, context.who
    request = await held(conn, who, request_id, [case_id])
    stage = request.case(case_id).stage
    if stage not in OPEN or stage in RECORDED:
        raise Conflict("sudah direkam atau ditutup: tidak dapat dilampiri lagi", field="case_id")
    if len(await attachments.of_case(conn, case_id)) >= MOST:
        raise Conflict(f"satu kasus paling banyak {MOST} lampiran; hapus yang tidak perlu", field="case_id")
    kept = await attachments.insert(conn, context.vault, file, case_id, document, who.subject)
    await deciding.show_documents(context, request_id, case_id, [document], at)
    return kept


async def remove(conn: Connection, who: Identity, request_id: UUID, case_id: UUID, attachment_id: UUID) -> None:
    """Forget a file that was attached by mistake; that its paper was shown stays. It is written down in the audit.

    Raises NotFound (404), or Conflict (409) once a visit is planned, to which the team goes by the papers.
    """
    request = await held(conn, who, request_id, [case_id])
    if request.case(case_id).stage not in UNPROMISED:
        raise Conflict("sudah dijadwalkan atau ditutup: lampiran tidak dapat dihapus lagi", field="case_id")
    if not await attachments.delete(conn, case_id, attachment_id):
        raise NotFound("lampiran tidak ditemukan", field="attachment_id")
    # Last: it holds the audit's lock until the commit.
    await audit.note(conn, who, case_id, Act.REMOVED, Purpose.FILING)


async def opened(conn: Connection, vault: Vault, attachment_id: UUID) -> tuple[Attachment, bytes]:
    """A file's row and its key, in the clear. Raises NotFound (404) once it is gone."""
    found = await attachments.one(conn, attachment_id)
    if found is None:
        raise NotFound("lampiran sudah dihapus", field="attachment_id")
    return found, await vault.open_value(conn, found.id, found.key_id, found.sealed_key)


async def read(store: ObjectStore, found: Attachment, key: bytes) -> bytes:
    """Its content; no connection is held meanwhile. Raises NotFound (404) when the store has other bytes, or none."""
    try:
        return await decrypt_file(found.id, found.case_id, key, await store.get(found.id))
    except InvalidTag:
        raise NotFound("lampiran ini rusak di penyimpanan", field="attachment_id") from None
