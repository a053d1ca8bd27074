"""The key of the login room: it signs sessions, and seals what must not be read in a cookie or a database.

One file of 32 bytes is the root; a key for signing and one for sealing are derived of it. The other services are
given the public half alone, as the key "sesi" of their JWK set. A new file ends all sessions.
"""

import base64
import binascii
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from jwt.algorithms import OKPAlgorithm

from shared.security.cookies import AUDIENCE
from shared.security.identity import Identity
from shared.security.tokens import SESSION_KEY

_BYTES, _NONCE = 32, 12


class SessionKey:
    """Signs and seals for the login room."""

    def __init__(self, root: bytes) -> None:
        if len(root) != _BYTES:
            raise ValueError(f"the key of the sessions has {_BYTES} bytes, not {len(root)}")
        self._root = root
        self._signing = Ed25519PrivateKey.from_private_bytes(_derive(root, b"session/sign"))
        self._cipher = AESGCM(_derive(root, b"session/seal"))

    @classmethod
    def load(cls, file: Path) -> "SessionKey":
        """Read the key. Raises OSError without the file, ValueError when it is not 32 bytes in base64."""
        try:
            return cls(base64.b64decode(file.read_bytes().strip(), validate=True))
        except binascii.Error:
            raise ValueError(f"{file.name} holds no base64") from None

    @property
    def public_jwk(self) -> dict[str, Any]:
        """What the services need to check a session."""
        jwk = OKPAlgorithm.to_jwk(self._signing.public_key(), as_dict=True)
        return {**jwk, "kid": SESSION_KEY, "alg": "EdDSA", "use": "sig"}

    def sign(self, who: Identity, session: str, at: datetime, seconds: float) -> str:
        """A session's cookie, good for so long from `at`. `session` is the row's name, of no use by itself."""
        claims = {
            "sub": who.subject,
            # One as a word alone, as every version reads it.
            "role": sorted(who.roles) if len(who.roles) > 1 else who.role,
            "wilayah": who.wilayah,
            "name": who.name,
            "sid": session,
            "aud": AUDIENCE,
            "iat": at.timestamp(),
            "exp": (at + timedelta(seconds=seconds)).timestamp(),
        }
        return jwt.encode(claims, self._signing, algorithm="EdDSA", headers={"kid": SESSION_KEY})

    def session_of(self, cookie: str) -> str | None:
        """Which session a cookie of ours is of, even one that has expired; None for one that is not ours."""
        try:
            options: Any = {"verify_exp": False}
            key = self._signing.public_key()
            return str(jwt.decode(cookie, key, algorithms=["EdDSA"], audience=AUDIENCE, options=options)["sid"])
        except (jwt.PyJWTError, KeyError):
            return None

    def derived(self, purpose: bytes) -> bytes:
        """32 bytes for another purpose, which tell nothing of this key nor of those for other purposes."""
        return _derive(self._root, purpose)

    def seal(self, content: bytes, purpose: bytes) -> bytes:
        """What only this key, for this purpose, opens."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, purpose)

    def open(self, sealed: bytes, purpose: bytes) -> bytes | None:
        """What was sealed; None when it was not sealed by this key for this purpose."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose)
        except (InvalidTag, ValueError):
            return None


def _derive(root: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=SHA256(), length=_BYTES, info=b"jemput-bola/" + purpose).derive(root)
