"""Encrypts a file for the object store: AES-256-GCM under a key of its own, which the database keeps encrypted.

A file is encrypted in one piece, because it is bounded and in memory anyway to be examined: one tag covers all of it,
and no byte of a changed file is ever shown. Without its row, and the key in it, nobody can decrypt the file.
"""

import asyncio
import hashlib
from uuid import UUID, uuid4

from services.requests.attachments.sandbox import ExaminedFile
from services.requests.domain.files import EncryptedFile
from shared.security.encryption import Cipher, InvalidTag, new_key


async def encrypt_file(file: ExaminedFile, case_id: UUID) -> EncryptedFile:
    """The file under a fresh key, bound to this case and to a new random id."""
    return await asyncio.to_thread(_encrypt, file, case_id)


def _encrypt(file: ExaminedFile, case_id: UUID) -> EncryptedFile:
    # Not in the order of time: a name in the store tells nothing.
    name, key = uuid4(), new_key()
    sealed = Cipher(key).seal(file.content, name.bytes + case_id.bytes)
    return EncryptedFile(name, file.type, len(file.content), sealed, hashlib.sha256(sealed).digest(), key)


async def decrypt_file(name: UUID, case_id: UUID, key: bytes, sealed: bytes) -> bytes:
    """The content. Raises InvalidTag for another file's bytes, or a changed one."""
    return await asyncio.to_thread(Cipher(key).open, sealed, name.bytes + case_id.bytes)


def sha256(content: bytes) -> str:
    """A digest, in hex."""
    return hashlib.sha256(content).hexdigest()


__all__ = ["InvalidTag", "decrypt_file", "encrypt_file", "sha256"]
