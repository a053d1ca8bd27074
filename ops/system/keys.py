"""The development issuer: signs tokens whose public key the services are given, and keeps the other secrets.

Not for production: there the identity provider of the office signs, and the services know its JWK set. With
ENVIRONMENT=production no key is made and no token signed, and services refuse a key of kid "dev".
"""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from ops.platform import PlatformError
from shared.auth import AUDIENCE, Role
from shared.seal import encode_key, new_key
from shared.tokens import DEV_KEY
from shared.wall import utc_now
from shared.web.signing import SessionKey


class Issuer:
    """An Ed25519 key pair and further secrets in a folder only its owner may read; made where missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jwks_file = folder / "jwks.json"
        self.person_key_file = folder / "person.key"
        self.session_key_file = folder / "session.key"
        self._private: Ed25519PrivateKey | None = None

    def ensure(self) -> None:
        """Make what is missing; what is there stays, so that data remain readable.

        Raises PlatformError in production, where this issuer signs nothing.
        """
        if os.environ.get("ENVIRONMENT") == "production":
            raise PlatformError(
                "the development issuer does not sign in production",
                "take tokens from the office's identity provider (JWKS_URL), or set ENVIRONMENT=development",
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = self.folder / "signing.pem"
        if not pem.exists():
            _write_secret(pem, _pem(Ed25519PrivateKey.generate()))
        if not self.person_key_file.exists():
            _write_secret(self.person_key_file, encode_key(new_key()).encode())
        if not self.session_key_file.exists():
            _write_secret(self.session_key_file, encode_key(new_key()).encode())
        loaded = serialization.load_pem_private_key(pem.read_bytes(), password=None)
        assert isinstance(loaded, Ed25519PrivateKey)
        self._private = loaded
        jwk = {**OKPAlgorithm.to_jwk(loaded.public_key(), as_dict=True), "kid": DEV_KEY, "alg": "EdDSA", "use": "sig"}
        session = SessionKey.load(self.session_key_file).public_jwk
        self.jwks_file.write_text(json.dumps({"keys": [jwk, session]}))

    def secret(self, name: str) -> str:
        """A secret by name, the same at each start."""
        file = self.folder / name
        if not file.exists():
            _write_secret(file, secrets.token_urlsafe(24).encode())
        return file.read_text()

    def service_key_file(self, service: str) -> Path:
        """The file with a service's own key; made where missing."""
        file = self.folder / f"{service}.key"
        if not file.exists():
            _write_secret(file, encode_key(new_key()).encode())
        return file

    def token(self, role: Role, wilayah: str = "", subject: str = "", ttl: timedelta = timedelta(hours=12)) -> str:
        """A token for a role in a wilayah ("" is the whole country)."""
        assert self._private is not None
        now = utc_now()
        claims = {
            "sub": subject or f"{role}:{wilayah or 'nasional'}",
            "role": str(role),
            "wilayah": wilayah,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA", headers={"kid": DEV_KEY})


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
