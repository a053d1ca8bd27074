"""Persons are sealed with AES-256-GCM under a key that the database does not have.

The associated data is the case: a sealed person put beside another case does not open. A blind index is a
keyed hash: equal values can be found by it, and nothing can be read from it.
"""

import base64
import binascii
import hmac
import os
from datetime import date
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from pydantic import TypeAdapter

from services.requests.domain.people import Person

_NONCE = 12
_KEY = 32
_person = TypeAdapter(Person)


class Vault:
    """Seals and opens persons, and makes their blind indexes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise ValueError(f"the key of the persons has {_KEY} bytes, not {len(key)}")
        self._cipher = AESGCM(_derive(key, b"person"))
        self._nik_key, self._day_key = _derive(key, b"nik"), _derive(key, b"day")

    @classmethod
    def load(cls, file: Path) -> "Vault":
        """Read the key. Raises OSError without the file, ValueError when it is not 32 bytes in base64."""
        try:
            return cls(base64.b64decode(file.read_bytes().strip(), validate=True))
        except binascii.Error:
            raise ValueError(f"{file.name} holds no base64") from None

    def seal(self, case_id: UUID, person: Person) -> bytes:
        """A person as only this key, for this case, opens it: a fresh nonce, then the ciphertext."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, _person.dump_json(person), case_id.bytes)

    def open(self, case_id: UUID, sealed: bytes) -> Person:
        """The person. Raises cryptography's InvalidTag for another key, another case, or a changed byte."""
        return _person.validate_json(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], case_id.bytes))

    def nik_index(self, nik: str) -> bytes:
        """The blind index of a NIK."""
        return hmac.digest(self._nik_key, nik.encode(), "sha256")

    def day_index(self, day: date) -> bytes:
        """The blind index of a day."""
        return hmac.digest(self._day_key, day.isoformat().encode(), "sha256")


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=SHA256(), length=_KEY, info=b"jemput-bola/" + purpose).derive(key)
