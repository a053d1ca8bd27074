"""A file as it comes in: as many at once as there is room for, so that uploads never fill the memory.

Who waits for room has not been read from: what it sends stays in its own line.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from shared.problems import Invalid, Problem

MEMORY = 64 * 1024 * 1024
"""Bytes of files on their way, in each process: two dozen photos, or six of the largest."""
WAIT_SECONDS = 20.0
"""Seconds to wait for room."""
IDLE_SECONDS = 30.0
"""Seconds without a byte after which a line is given up."""


class TooManyUploads(Problem):
    """Too many files at once."""

    status, title = 503, "Sedang sibuk"


class UploadLimiter:
    """The room there is, of which each upload takes as much as it says it brings, or the most it may."""

    def __init__(self, most: int, room: int = MEMORY) -> None:
        self._most, self._free = min(most, room), room
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def received(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request, which the edge bounds. Its room is free again when the block ends.

        Raises Busy (503) when there is no room, Invalid (422) when the line fell silent.
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
