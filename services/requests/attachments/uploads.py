"""Receives uploads within a memory limit: as many at once as fit, so that uploads never fill the memory.

An upload that waits for memory is not read yet: backpressure keeps its bytes with the sender.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from shared.problems import Invalid, Problem

MEMORY = 64 * 1024 * 1024
"""Bytes of all uploads in progress in a process: two dozen photos, or six of the largest files."""
WAIT_SECONDS = 20.0
"""How long an upload waits for memory."""
IDLE_SECONDS = 30.0
"""An upload without a byte for so long is given up."""


class TooManyUploads(Problem):
    """Too many files at once."""

    status, title = 503, "Sedang sibuk"


class UploadLimiter:
    """Reserves memory for each upload: its Content-Length, or the most that an upload may have."""

    def __init__(self, most: int, room: int = MEMORY) -> None:
        self._most, self._free = min(most, room), room
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def received(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request, which the edge bounds. Its memory is released when the block ends.

        Raises TooManyUploads (503) when no memory becomes free, Invalid (422) when the upload stalls.
        """
        told = request.headers.get("content-length", "")
        size = min(int(told), self._most) if told.isdecimal() else self._most
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._changed:
                await self._changed.wait_for(lambda: self._free >= size)
                self._free -= size
        except TimeoutError:
            raise TooManyUploads("Banyak file sedang dikirim. Coba lagi sebentar lagi.") from None
        try:
            yield await _read(request)
        finally:
            self._free += size
            async with self._changed:
                self._changed.notify_all()


async def _read(request: Request) -> bytes:
    content, parts = bytearray(), request.stream()
    try:
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                content += await anext(parts)
    except StopAsyncIteration:
        return bytes(content)
    except (TimeoutError, ClientDisconnect):
        raise Invalid("berkas tidak sampai seluruhnya; kirim lagi", field="body") from None
