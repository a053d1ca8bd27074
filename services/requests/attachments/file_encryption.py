"""A file sealed for the store: AES-256-GCM under a key of its own, which the database keeps, sealed in turn.

Sealed in one piece: a file is bounded, and is in memory whole to be examined; one tag then covers all of it, and no
byte of a changed file is ever shown. Without the row, and with it the key, the piece in the store opens for nobody.
"""

import asyncio
import hashlib
from uuid import UUID, uuid4

from services.requests.attachments.sandbox import Examined
from services.requests.domain.files import Parcel
from shared.seal import Box, InvalidTag, new_key


async def packed(file: Examined, case_id: UUID) -> Parcel:
    """Sealed under a fresh key, for this case and under this id alone."""
    return await asyncio.to_thread(_packed, file, case_id)


def _packed(file: Examined, case_id: UUID) -> Parcel:
    # Not in the order of time: a name in the store tells nothing.
    name, key = uuid4(), new_key()
    sealed = Box(key).seal(file.content, name.bytes + case_id.bytes)
    return Parcel(name, file.type, len(file.content), sealed, hashlib.sha256(sealed).digest(), key)


async def unpacked(name: UUID, case_id: UUID, key: bytes, sealed: bytes) -> bytes:
    """The content. Raises InvalidTag for another file's bytes, or a changed one."""
    return await asyncio.to_thread(Box(key).open, sealed, name.bytes + case_id.bytes)


def sha256(content: bytes) -> str:
    """A digest, in hex."""
    return hashlib.sha256(content).hexdigest()


__all__ = ["InvalidTag", "packed", "sha256", "unpacked"]
