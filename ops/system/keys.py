"""The development issuer: signs tokens whose public key the services are given, and keeps the other secrets.

Not for production: there the identity provider of the office signs, and the services know its JWK set.
"""

import json
import secrets
from datetime import timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from shared.auth import AUDIENCE, Role
from shared.seal import encode_key, new_key
from shared.wall import utc_now

KEY_ID = "dev"


class Issuer:
    """An Ed25519 key pair and further secrets in a folder only its owner may read; made where missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jwks_file = folder / "jwks.json"
        self.person_key_file = folder / "person.key"
        self._private: Ed25519PrivateKey | None = None

    def ensure(self) -> None:
        """Make what is missing; what is there stays, so that data remain readable."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = self.folder / "signing.pem"
        if not pem.exists():
            _write_secret(pem, _pem(Ed25519PrivateKey.generate()))
        if not self.person_key_file.exists():
            _write_secret(self.person_key_file, encode_key(new_key()).encode())
        loaded = serialization.load_pem_private_key(pem.read_bytes(), password=None)
        assert isinstance(loaded, Ed25519PrivateKey)
        self._private = loaded
        jwk = {**OKPAlgorithm.to_jwk(loaded.public_key(), as_dict=True), "kid": KEY_ID, "alg": "EdDSA", "use": "sig"}
        self.jwks_file.write_text(json.dumps({"keys": [jwk]}))

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
        claims = {
            "sub": subject or f"{role}:{wilayah or 'nasional'}",
            "role": str(role),
            "wilayah": wilayah,
            "aud": AUDIENCE,
            "exp": int((utc_now() + ttl).timestamp()),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA", headers={"kid": KEY_ID})


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_secret(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
