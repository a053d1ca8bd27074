"""A token issuer for tests."""

import json
from datetime import timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from shared.auth import AUDIENCE, Role
from shared.wall import utc_now


class Issuer:
    """A key pair, its JWKS file, and tokens signed with it."""

    def __init__(self, folder: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        public = json.loads(OKPAlgorithm.to_jwk(self.key.public_key()))
        self.jwks_file = folder / "jwks.json"
        self.jwks_file.write_text(json.dumps({"keys": [{**public, "kid": "test", "alg": "EdDSA", "use": "sig"}]}))

    def token(
        self, role: Role, wilayah: str, subject: str = "penguji", lifetime: timedelta = timedelta(hours=1)
    ) -> str:
        """A signed token."""
        claims = {"sub": subject, "role": role, "wilayah": wilayah, "aud": AUDIENCE, "exp": utc_now() + lifetime}
        return jwt.encode(claims, self.key, "EdDSA", headers={"kid": "test"})
