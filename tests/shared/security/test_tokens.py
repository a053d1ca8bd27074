"""A token counts when its signature, audience, issuer, times and claims are all in order, and not otherwise."""

import base64
import hmac
import json
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from ops.platform import PlatformError
from ops.system import Issuer
from shared.problems import Unauthorized
from shared.security.claims import AmbiguousClaims, Claims
from shared.security.cookies import local_path
from shared.security.identity import Identity, Role, is_wilayah
from shared.security.tokens import TokenKeys, TokenPolicy, usable_keys
from shared.security.trusted_keys import TrustedKeys
from shared.serving import trusted_keys
from shared.settings import Settings
from tests.support.signers import Signer, jwks

DAY = 86_400
YESTERDAY, TOMORROW = time.time() - DAY, time.time() + DAY


def keys(*signers: Signer, **policy: Any) -> TokenKeys:
    return TokenKeys(usable_keys(jwks(*signers)), TokenPolicy(**policy))


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_three_algorithms_count_each_with_its_own_key(algorithm: str) -> None:
    signer = Signer.new(algorithm)
    assert keys(signer).identify(signer.token()) == Identity.of("siti", Role.OPERATOR, "17.02")
    with pytest.raises(Unauthorized):
        keys(Signer.new(algorithm)).identify(signer.token())


@pytest.mark.parametrize(("algorithm", "bits"), [("RS512", 2048), ("PS256", 2048), ("RS256", 1024)])
def test_other_algorithms_and_short_keys_are_passed_over(algorithm: str, bits: int) -> None:
    assert usable_keys(jwks(Signer.new(algorithm, bits=bits))) == []


def test_keys_for_other_uses_and_without_a_name_are_passed_over() -> None:
    good = Signer.new()
    entries = [{**good.jwk, "use": "enc"}, {**good.jwk, "kid": None}, {"kty": "oct", "k": "AAAA", "kid": "s"}, {}, 1]
    assert usable_keys(json.dumps({"keys": entries})) == []
    for broken in ("[]", "{}", '{"keys": 1}'):
        with pytest.raises(ValueError, match="JWK set"):
            usable_keys(broken)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
def test_no_signature_or_one_with_the_public_key_is_refused(algorithm: str) -> None:
    signer = Signer.new(algorithm)
    _, content, _ = signer.token().split(".")
    public = signer.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name in ("none", "None", "HS256", "HS512"):
        head = _b64(json.dumps({"alg": name, "kid": signer.kid, "typ": "JWT"}).encode())
        digest = hmac.digest(public, f"{head}.{content}".encode(), "sha512" if name == "HS512" else "sha256")
        for signature in ("", _b64(digest)):
            with pytest.raises(Unauthorized):
                keys(signer).identify(f"{head}.{content}.{signature}")


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("claims", "without"),
    [
        ({"exp": YESTERDAY}, ()),
        ({"nbf": TOMORROW}, ()),
        ({"iat": TOMORROW}, ()),
        ({"exp": "besok"}, ()),
        ({"exp": [1]}, ()),
        ({"nbf": "kemarin"}, ()),
        ({"aud": "lain"}, ()),
        ({"aud": []}, ()),
        ({"iss": "https://lain.test"}, ()),
        ({"sub": ""}, ()),
        ({"sub": 7}, ()),
        ({"role": "raja"}, ()),
        ({"role": ["operator", "ops"]}, ()),
        ({"wilayah": "17.0"}, ()),
        ({"wilayah": "17."}, ()),
        ({"wilayah": "17.02.0"}, ()),
        ({"wilayah": "%"}, ()),
        ({"wilayah": None}, ()),
        ({"wilayah": ["17"]}, ()),
        *(({}, (name,)) for name in ("exp", "aud", "sub", "role", "wilayah", "iss")),
    ],
)
def test_each_claim_must_be_in_order(claims: dict[str, Any], without: tuple[str, ...]) -> None:
    signer, issuer = Signer.new(), "https://penyedia.test"
    policy = {"issuer": issuer, "leeway": 10}
    assert keys(signer, **policy).identify(signer.token(iss=issuer)).subject == "siti"
    with pytest.raises(Unauthorized):
        keys(signer, **policy).identify(signer.token(*without, **{"iss": issuer, **claims}))


def test_clocks_may_differ_by_the_leeway() -> None:
    signer = Signer.new()
    now = time.time()
    for claims in ({"exp": now - 5}, {"nbf": now + 300, "iat": now + 300}):
        assert keys(signer, leeway=600).identify(signer.token(**claims))
        with pytest.raises(Unauthorized):
            keys(signer, leeway=0).identify(signer.token(**claims))


def test_a_token_that_was_good_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer.new()
    ends = time.time() + 100
    known, token = keys(signer, leeway=0), signer.token(exp=ends)
    known.identify(token)
    from datetime import UTC, datetime

    monkeypatch.setattr("shared.security.tokens.utc_now", lambda: datetime.fromtimestamp(ends + 1, UTC))
    with pytest.raises(Unauthorized, match="kedaluwarsa"):
        known.identify(token)


def test_a_token_too_long_lived_or_without_iat_is_refused() -> None:
    signer = Signer.new()
    strict = keys(signer, longest=600)
    assert strict.identify(signer.token())
    for token in (signer.token(exp=time.time() + 3600), signer.token("iat")):
        with pytest.raises(Unauthorized):
            strict.identify(token)


def test_claims_are_found_by_path_and_roles_by_provider_names() -> None:
    claims = Claims("https://x/role", "alamat.kode", {"lurah": Role.OPERATOR})
    told = {"sub": "a", "https://x/role": ["lurah", "tamu"], "alamat": {"kode": "17.02"}}
    assert claims.identity(told) == Identity.of("a", Role.OPERATOR, "17.02")
    assert claims.identity({**told, "alamat": {"kode": "nasional"}}).wilayah == ""
    for bent in ({"alamat": {"kode": ""}}, {"alamat": "17"}, {"https://x/role": {}}):
        with pytest.raises(AmbiguousClaims):
            claims.identity({**told, **bent})


def test_with_names_of_the_provider_s_only_those_count() -> None:
    claims = Claims(roles={"lurah": Role.OPERATOR})
    told = {"sub": "a", "wilayah": "17.02"}
    for unmapped in ("ops", ["ops"], ["operator"], "storekeeper"):
        with pytest.raises(AmbiguousClaims, match="belum diberi peran"):
            claims.identity({**told, "role": unmapped})
    assert claims.identity({**told, "role": ["ops", "lurah", "officer"]}).roles == {Role.OPERATOR}
    with pytest.raises(ValueError, match="role_names"):
        Settings(database_url="", kafka_bootstrap_servers="", jwks_url="http://x", role_names={"lurah": "raja"})


def test_roles_stand_where_a_plain_claim_or_keycloak_has_them() -> None:
    told = {"sub": "a", "wilayah": "17.02", "realm_access": {"roles": ["officer", "uma_authorization"]}}
    assert Claims().identity(told).roles == {Role.OFFICER}
    assert Claims().identity({**told, "role": "operator"}).roles == {Role.OPERATOR}
    with pytest.raises(AmbiguousClaims):
        Claims("role").identity(told)


def test_only_roles_of_one_office_may_be_combined() -> None:
    office = {Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.STOREKEEPER}
    told = {"sub": "a", "wilayah": "17.02"}
    assert Claims().identity({**told, "role": sorted(office)}).roles == office
    for one, other in combinations(Role, 2):
        both = {**told, "role": [str(one), str(other), "uma_authorization"]}
        if {one, other} <= office:
            assert Claims().identity(both) == Identity("a", frozenset({one, other}), "17.02")
        else:
            with pytest.raises(AmbiguousClaims, match="tidak boleh digabung"):
                Claims().identity(both)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Siti Sintetis", "preferred_username": "siti"}, "Siti Sintetis"),
        ({"name": "  ", "preferred_username": "siti"}, "siti"),
        ({"name": ["Siti"]}, ""),
        ({}, ""),
        ({"name": "Siti\n\u202e  Sintetis "}, "Siti Sintetis"),
        ({"name": "a" * 500}, "a" * 80),
    ],
)
def test_a_person_is_called_by_what_the_provider_calls_them(claims: dict[str, Any], name: str) -> None:
    who = Claims().identity({"sub": "a", "role": "operator", "wilayah": "17.02", **claims})
    assert who.name == name
    assert not name or name not in repr(who)


@pytest.mark.parametrize("wilayah", ["", "17", "17.02", "17.02.06", "17.02.06.1004"])
def test_a_wilayah_is_whole_segments(wilayah: str) -> None:
    assert is_wilayah(wilayah)
    assert not any(is_wilayah(f"{wilayah}{more}") for more in (".", "0", " ", "\n", ".0", ".02.", "%", ".1004.1"))


def test_no_service_takes_the_development_key_in_production(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    issuer.ensure()
    with pytest.raises(RuntimeError, match="development issuer"):
        TrustedKeys(issuer.jwks_file, "", TokenPolicy(), production=True)
    told = Settings(database_url="", kafka_bootstrap_servers="", jwks_file=issuer.jwks_file, environment="production")
    with pytest.raises(RuntimeError, match="ENVIRONMENT=development"):
        trusted_keys(told)


def test_the_development_issuer_does_not_start_in_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer, theirs = Issuer(tmp_path), Signer.new(kid="kantor")
    issuer.ensure()
    issuer.jwks_file.write_text(jwks(theirs, Signer.new(kid="dev")))
    monkeypatch.setenv("ENVIRONMENT", "production")
    production = Issuer(tmp_path)
    production.ensure()
    with pytest.raises(PlatformError, match="does not sign in production"):
        production.token(Role.OPS)
    assert [key["kid"] for key in json.loads(issuer.jwks_file.read_text())["keys"]] == ["kantor", "sesi"]
    TrustedKeys(issuer.jwks_file, "", TokenPolicy(), production=True)


def test_a_service_is_in_production_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ENVIRONMENT")
    assert Settings(database_url="", kafka_bootstrap_servers="", jwks_file=tmp_path).production
    with pytest.raises(ValueError, match="JWKS_FILE or JWKS_URL"):
        Settings(database_url="", kafka_bootstrap_servers="")


@pytest.mark.parametrize("roles", [frozenset({Role.OPERATOR}), frozenset({Role.OPERATOR, Role.OFFICER})])
async def test_a_session_is_no_token_and_a_token_no_session(tmp_path: Path, roles: frozenset[Role]) -> None:
    from shared.security.session_tokens import SessionKey
    from shared.system_clock import utc_now

    issuer = Issuer(tmp_path)
    issuer.ensure()
    ring = TrustedKeys(issuer.jwks_file, "", TokenPolicy(), production=False)
    key = SessionKey.load(issuer.session_key_file)
    who = Identity("siti", roles, "17.02", name="Siti Sintetis")
    cookie, token = key.sign(who, "ab", utc_now(), 240), issuer.token(roles, "17.02")
    assert ring.session(cookie) == who
    assert ring.session(cookie).name == "Siti Sintetis"
    assert (await ring.bearer(token)).roles == roles
    with pytest.raises(Unauthorized):
        await ring.bearer(cookie)
    with pytest.raises(Unauthorized):
        ring.session(token)
    with pytest.raises(Unauthorized):
        ring.session(key.sign(who, "ab", utc_now(), 3600))
    assert key.session_of(cookie) == "ab"
    assert key.session_of(token) is None
    assert jwt.get_unverified_header(cookie)["kid"] == "sesi"


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        *(("/permohonan?tahap=1", "/permohonan?tahap=1"), ("/", "/"), ("", "/"), ("//lain.test", "/")),
        *(("/\\lain.test", "/"), ("https://lain.test", "/"), ("/a\r\nSet-Cookie: x", "/"), ("/\t/lain.test", "/")),
    ],
)
def test_only_paths_of_this_origin_are_gone_to(asked: str, to: str) -> None:
    assert local_path(asked) == to
