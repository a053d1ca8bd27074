"""The object store of encrypted files: a local folder or any S3-compatible store, by URL. Names are random UUIDs."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url
from obstore.store import ObjectStore as Backend

from shared.problems import NotFound, Problem

log = structlog.get_logger()

REMOTE: dict[str, Any] = {
    # What goes there is encrypted, and a request is signed, not its secret sent: a store of one's own may speak HTTP.
    "client_options": {
        "timeout": timedelta(seconds=30),
        "connect_timeout": timedelta(seconds=5),
        "allow_http": True,
    },
    "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
}
FAILURES = (BaseError, OSError)


class StoreUnavailable(Problem):
    """The store does not answer, or refuses our credentials (503)."""

    status, title = 503, "Sedang tidak siap"

    def __init__(self) -> None:
        super().__init__("Penyimpanan lampiran belum siap. Tidak ada yang hilang; kirim lagi sebentar lagi.")


class ObjectStore:
    """Puts, gets and deletes encrypted files. It connects at first use: the service starts without the store."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _store(self) -> Backend:
        parts = urlsplit(self._url)
        if parts.scheme == "file":
            return LocalStore(unquote(parts.path), mkdir=True)
        return from_url(self._url, **REMOTE)

    async def put(self, name: UUID, content: bytes) -> None:
        """Keep; it is there when this returns. Raises StoreUnavailable."""
        try:
            # In one request: parts of an upload that was cut off would stay in a bucket unseen.
            await obstore.put_async(self._store, str(name), content, use_multipart=False)
        except FAILURES as error:
            raise _unavailable(error) from error

    async def get(self, name: UUID) -> bytes:
        """The content. Raises NotFound (404) for one that is not there, StoreUnavailable."""
        try:
            answer = await obstore.get_async(self._store, str(name))
            return bytes(await answer.bytes_async())
        except FileNotFoundError:
            log.error("an attachment is not in the store")
            raise NotFound("lampiran ini tidak ada lagi di penyimpanan", field="attachment_id") from None
        except FAILURES as error:
            raise _unavailable(error) from error

    async def delete(self, names: Sequence[UUID]) -> None:
        """Delete those that are there. Raises StoreUnavailable."""
        for name in names:
            try:
                await obstore.delete_async(self._store, str(name))
            except FileNotFoundError:
                pass
            except FAILURES as error:
                raise _unavailable(error) from error

    async def older_than(self, moment: datetime) -> AsyncIterator[list[UUID]]:
        """The names of files put before a moment, page by page; other names are left out. Raises StoreUnavailable."""
        try:
            async for page in obstore.list(self._store, chunk_size=500):
                old = (meta["path"] for meta in page if meta["last_modified"] < moment)
                yield [name for path in old if (name := _ours(path))]
        except FAILURES as error:
            raise _unavailable(error) from error


def _ours(path: str) -> UUID | None:
    try:
        name = UUID(path)
    except ValueError:
        return None
    return name if str(name) == path else None


def _unavailable(error: Exception) -> StoreUnavailable:
    # The message of a store may name its address and the key's id: the type says enough.
    log.warning("attachment store away", error=type(error).__name__)
    return StoreUnavailable()
