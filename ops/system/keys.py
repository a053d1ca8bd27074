"""The development issuer: signs tokens whose public key the services are given, and keeps the other secrets.

Not for production: there the identity provider of the office signs, and the services know its JWK set. With
ENVIRONMENT=production no signing key is made and no token signed, and services refuse a key of kid "dev".
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
from shared.security.auth import AUDIENCE, Role
from shared.security.encryption import encode_key, new_key
from shared.security.session_tokens import SessionKey
from shared.security.tokens import DEV_KEY, SESSION_KEY
from shared.system_clock import utc_now


class Issuer:
    """An Ed25519 key pair and further secrets in a folder only its owner may read; made where missing."""

    def __init__(self, folder: Path, production: bool | None = None) -> None:
        """`production` is what ENVIRONMENT says, where it is not given."""
        self.folder = folder
        self.production = os.environ.get("ENVIRONMENT") == "production" if production is None else production
        self.jwks_file = folder / "jwks.json"
        self.person_key_file = folder / "person.key"
        self.session_key_file = folder / "session.key"
        self._private: Ed25519PrivateKey | None = None

    def ensure(self) -> None:
        """Make what is missing; what is there stays, so that data remain readable. In production no signing key."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in (self.person_key_file, self.session_key_file):
            if not file.exists():
                _write_secret(file, encode_key(new_key()).encode())
        ours = [SessionKey.load(self.session_key_file).public_jwk]
        if not self.production:
            self._private = self._signing_key()
            public = OKPAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
            ours.append({**public, "kid": DEV_KEY, "alg": "EdDSA", "use": "sig"})
        self.jwks_file.write_text(json.dumps({"keys": [*self._theirs(), *ours]}))

    def load(self) -> None:
        """Only read the signing key, where one is; nothing is made. In production none is read."""
        if not self.production and (self.folder / "signing.pem").is_file():
            self._private = self._signing_key()

    def _signing_key(self) -> Ed25519PrivateKey:
        pem = self.folder / "signing.pem"
        if not pem.exists():
            _write_secret(pem, _pem(Ed25519PrivateKey.generate()))
        loaded = serialization.load_pem_private_key(pem.read_bytes(), password=None)
        assert isinstance(loaded, Ed25519PrivateKey)
        return loaded

    def _theirs(self) -> list[dict[str, object]]:
        """The keys of an office's own provider that were put into the set before."""
        keys = json.loads(self.jwks_file.read_text())["keys"] if self.jwks_file.exists() else []
        return [key for key in keys if key.get("kid") not in (DEV_KEY, SESSION_KEY)]

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

    def token(
        self,
        role: Role | frozenset[Role],
        wilayah: str = "",
        subject: str = "",
        ttl: timedelta = timedelta(hours=12),
    ) -> str:
        """A token for roles in a wilayah ("" is the whole country). Raises PlatformError in production."""
        if self._private is None:
            raise PlatformError(
                "the development issuer does not sign in production",
                "take tokens from the office's identity provider; only a trial has a key to sign with",
            )
        now = utc_now()
        roles = sorted({role} if isinstance(role, Role) else role)
        claims = {
            "sub": subject or f"{'+'.join(roles)}:{wilayah or 'nasional'}",
            "role": roles if len(roles) > 1 else roles[0],
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
