"""Keys by file, and values sealed under them with AES-256-GCM.

A sealed value opens only with its key and only at its place: beside another row it is as good as destroyed.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
_NONCE = 12

__all__ = ["KEY_BYTES", "Cipher", "InvalidTag", "decode_key", "derive", "encode_key", "new_key", "read_key"]


class Cipher:
    """Seals and opens under one key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, place: bytes) -> bytes:
        """A fresh nonce, then the ciphertext; `place` is bound, not kept."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed. Raises InvalidTag for another key, another place, or a changed byte."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)


def new_key() -> bytes:
    """A random key."""
    return os.urandom(KEY_BYTES)


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose alone, of a random one (HKDF-Expand, RFC 5869)."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=f"jemput-bola/{purpose}".encode()).derive(key)


def encode_key(key: bytes) -> str:
    """A key as files hold it."""
    return base64.b64encode(key).decode()


def decode_key(text: str, what: str) -> bytes:
    """The key of its base64. Raises ValueError, naming `what`, when that is not 32 bytes in base64."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{what} holds no base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{what} holds {len(key)} bytes; a key has {KEY_BYTES}")
    return key


def read_key(file: Path) -> bytes:
    """The key in a file. Raises OSError without the file, ValueError when it holds no key."""
    return decode_key(file.read_text(), file.name)
