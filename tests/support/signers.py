"""Keys that sign tokens in tests, of each algorithm, and the JWK set of their public halves."""

import json
import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "jemput-bola"


@dataclass(frozen=True)
class Signer:
    """A private key with its name and algorithm."""

    kid: str
    algorithm: str
    private: Any

    @classmethod
    def new(cls, algorithm: str = "EdDSA", kid: str = "satu", bits: int = 2048) -> "Signer":
        match algorithm:
            case "EdDSA":
                private: Any = ed25519.Ed25519PrivateKey.generate()
            case "ES256":
                private = ec.generate_private_key(ec.SECP256R1())
            case _:
                private = rsa.generate_private_key(65537, bits)
        return cls(kid, algorithm, private)

    @property
    def jwk(self) -> dict[str, Any]:
        kinds = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm}
        made = kinds.get(self.algorithm, RSAAlgorithm).to_jwk(self.private.public_key(), as_dict=True)
        return {**made, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def token(self, *without: str, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A good token, but for these claims and headers."""
        now = int(time.time())
        good = {"sub": "siti", "role": "operator", "wilayah": "17.02", "aud": AUDIENCE, "iat": now, "exp": now + 300}
        content = {name: value for name, value in {**good, **claims}.items() if name not in without}
        return jwt.encode(
            content, self.private, algorithm=self.algorithm, headers={"kid": self.kid, **(headers or {})}
        )


def jwks(*signers: Signer) -> str:
    return json.dumps({"keys": [signer.jwk for signer in signers]})
