"""What callers show: good tokens and session cookies of a made-up provider, and everything that is not one."""

import base64
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from shared.security.auth import Identity, Role
from shared.security.cookies import COOKIE, PLAIN_COOKIE
from shared.security.session_tokens import SessionKey
from shared.system_clock import utc_now
from tests.support.signers import Signer

Headers = dict[str, str]
Roles = Role | frozenset[Role]
"""What a caller is: one role, or several."""
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
MALFORMED = ("17.0", "17.02.0", "17.", "1", "%", "17.02.06.100", "17.02.06.1004.1", " 17", "17\n", "32,17", "*")
"""Wilayah that are prefixes of text but not of whole segments."""


@dataclass
class Passports:
    """A provider with keys of each algorithm, and the login room's key."""

    folder: Path
    issuer: str = "https://penyedia.test"

    def __post_init__(self) -> None:
        self.signer, self.rsa = Signer.new("EdDSA", "penyedia-1"), Signer.new("RS256", "penyedia-2")
        self.session_key_file = self.folder / "session.key"
        self.session_key_file.write_bytes(base64.b64encode(os.urandom(32)))
        self.session = SessionKey.load(self.session_key_file)
        self.jwks_file = self.folder / "jwks.json"
        keys = [self.signer.jwk, self.rsa.jwk, self.session.public_jwk]
        self.jwks_file.write_text(json.dumps({"keys": keys}))

    def token(self, roles: Roles, wilayah: str, /, *without: str, signer: Signer | None = None, **claims: Any) -> str:
        """A good token, but for what is changed."""
        role = str(roles) if isinstance(roles, Role) else sorted(roles)
        said = {"role": role, "wilayah": wilayah or "nasional", "iss": self.issuer, **claims}
        return (signer or self.signer).token(*without, **said)

    def cookie(self, roles: Roles, wilayah: str, age: float = 0, key: SessionKey | None = None) -> str:
        """A good session's cookie, but for its age in seconds or its key."""
        who = Identity("siti", frozenset({roles} if isinstance(roles, Role) else roles), wilayah)
        return (key or self.session).sign(who, "ab" * 32, utc_now() - timedelta(seconds=age), 240)


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def cookie(value: str, name: str = COOKIE, **headers: str) -> Headers:
    return {"Cookie": f"{name}={value}", **(headers or SAME_ORIGIN)}


Attack = Callable[[Role, str], Headers]


def attacks(passports: Passports) -> Iterator[tuple[str, Attack]]:
    """Every way to come in without being let in: a name, and the headers for a role and wilayah that would be."""
    yield from _of_no_token(passports)
    yield from _of_keys(passports)
    yield from _of_claims(passports)
    yield from _of_sessions(passports)


def _of_no_token(p: Passports) -> Iterator[tuple[str, Attack]]:
    yield "no token", lambda role, wilayah: {}
    yield "empty token", lambda role, wilayah: bearer("")
    yield "garbage", lambda role, wilayah: bearer("abc.def.ghi")
    yield "another scheme", lambda role, wilayah: {"Authorization": f"Basic {p.token(role, wilayah)}"}
    yield (
        "token in a query-like header",
        lambda role, wilayah: {"X-Authorization": f"Bearer {p.token(role, wilayah)}"},
    )


def _of_keys(p: Passports) -> Iterator[tuple[str, Attack]]:
    forger = Signer.new("EdDSA", p.signer.kid)
    stranger = Signer.new("EdDSA", "asing")
    rsa_forger = Signer.new("RS256", p.rsa.kid)
    confused = Signer(p.rsa.kid, "EdDSA", forger.private)
    yield "alg none", lambda role, wilayah: bearer(_resigned(p.token(role, wilayah), "none", b""))
    public = p.rsa.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    raw = p.signer.private.public_key().public_bytes_raw()
    yield (
        "HS256 with the public key",
        lambda role, wilayah: bearer(_resigned(p.token(role, wilayah, signer=p.rsa), "HS256", public)),
    )
    yield "HS256 with the raw key", lambda role, wilayah: bearer(_resigned(p.token(role, wilayah), "HS256", raw))
    yield "foreign key, known kid", lambda role, wilayah: bearer(p.token(role, wilayah, signer=forger))
    yield "foreign RSA key, known kid", lambda role, wilayah: bearer(p.token(role, wilayah, signer=rsa_forger))
    yield "another algorithm's kid", lambda role, wilayah: bearer(p.token(role, wilayah, signer=confused))
    yield "unknown kid", lambda role, wilayah: bearer(p.token(role, wilayah, signer=stranger))
    yield (
        "its own key in the header",
        lambda role, wilayah: bearer(
            stranger.token(headers={"jwk": stranger.jwk}, role=str(role), wilayah=wilayah or "nasional", iss=p.issuer)
        ),
    )
    yield "no kid", lambda role, wilayah: bearer(_without_kid(p, role, wilayah))
    yield "claims changed after signing", lambda role, wilayah: bearer(_changed(p.token(role, wilayah), wilayah=""))
    yield "signature cut off", lambda role, wilayah: bearer(p.token(role, wilayah).rpartition(".")[0] + ".")


def _of_claims(p: Passports) -> Iterator[tuple[str, Attack]]:
    def claiming(*without: str, **claims: Any) -> Attack:
        return lambda role, wilayah: bearer(p.token(role, wilayah, *without, **claims))

    now = int(time.time())
    yield "expired", claiming(exp=now - 60, iat=now - 300)
    yield "not yet valid", claiming(nbf=now + 600)
    yield "issued in the future", claiming(iat=now + 600, exp=now + 900)
    yield "lives too long", claiming(exp=now + 86_400)
    yield "wrong audience", claiming(aud="lain")
    yield "the session's audience", claiming(aud="jemput-bola/sesi")
    yield "wrong issuer", claiming(iss="https://lain.test")
    for name in ("aud", "iss", "exp", "iat", "sub", "role", "wilayah"):
        yield f"no {name}", claiming(name)
    yield "an unknown role", claiming(role="raja")
    yield "all roles at once", claiming(role=[str(role) for role in Role])
    yield "a program's role besides", lambda role, wilayah: bearer(p.token(frozenset({role, _other(role)}), wilayah))
    yield "wilayah null", claiming(wilayah=None)
    yield "wilayah empty", claiming(wilayah="")
    yield "wilayah a list", claiming(wilayah=["17", "32"])
    for wilayah in MALFORMED:
        yield f"wilayah {wilayah!r}", claiming(wilayah=wilayah)


def _of_sessions(p: Passports) -> Iterator[tuple[str, Attack]]:
    other = SessionKey(os.urandom(32))
    yield "a session as bearer", lambda role, wilayah: bearer(p.cookie(role, wilayah))
    yield "a token as session", lambda role, wilayah: cookie(p.token(role, wilayah))
    yield (
        "a token in a session's clothes",
        lambda role, wilayah: cookie(p.token(role, wilayah, aud="jemput-bola/sesi")),
    )
    yield "a session of another key", lambda role, wilayah: cookie(p.cookie(role, wilayah, key=other))
    yield "an expired session", lambda role, wilayah: cookie(p.cookie(role, wilayah, age=300))
    yield "a session's claims changed", lambda role, wilayah: cookie(_changed(p.cookie(role, wilayah), role="ops"))
    yield "a session under the plain name", lambda role, wilayah: cookie(p.cookie(role, wilayah), PLAIN_COOKIE)
    for name, headers in (
        ("another site", {"Sec-Fetch-Site": "cross-site"}),
        ("a sister site", {"Sec-Fetch-Site": "same-site"}),
        ("another origin", {"Origin": "https://lain.test"}),
        ("another port", {"Origin": "http://services:8"}),
        ("no origin at all", {"Accept": "*/*"}),
        ("another site that says our origin", {"Sec-Fetch-Site": "cross-site", "Origin": "http://services"}),
    ):
        yield (
            f"a session, from {name}",
            lambda role, wilayah, headers=headers: cookie(p.cookie(role, wilayah), **headers),
        )


def _other(role: Role) -> Role:
    """A role that stands alone, and is another one."""
    return Role.SERVICE if role is not Role.SERVICE else Role.OPS


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _resigned(token: str, algorithm: str, secret: bytes) -> str:
    """The same claims under another algorithm; without a secret there is no signature."""
    head = {**jwt.get_unverified_header(token), "alg": algorithm}
    signed = f"{_b64(json.dumps(head).encode())}.{token.split('.')[1]}"
    return f"{signed}.{_b64(hmac.digest(secret, signed.encode(), 'sha256')) if secret else ''}"


def _changed(token: str, **claims: Any) -> str:
    """Other claims under the old signature."""
    head, _, signature = token.split(".")
    content = jwt.decode(token, options={"verify_signature": False})
    return f"{head}.{_b64(json.dumps({**content, **claims, 'x': 1}).encode())}.{signature}"


def _without_kid(p: Passports, role: Role, wilayah: str) -> str:
    content = jwt.decode(p.token(role, wilayah), options={"verify_signature": False})
    return jwt.encode(content, p.signer.private, algorithm="EdDSA")
