"""Keycloak says a person's roles in the access token alone: it counts where the provider signed it for this client,
of this person; an opaque, forged or foreign one says nothing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.requests.login.oidc import Client, LoginRefused, Provider
from shared.security.claims import Claims
from shared.security.identity import Role
from tests.support.signers import Signer, jwks

CLIENT, NONCE = "jemput-bola", "sekali"
KEYCLOAK = {"realm_access": {"roles": ["operator", "officer", "offline_access"]}, "wilayah": "17.02"}
"""What a stock Keycloak has in the access token; its `aud` is another client, `azp` the one that asked."""


@dataclass
class Realm:
    """A provider that says whatever a test has it say."""

    signer: Signer = field(default_factory=lambda: Signer.new("RS256", "realm"))
    issuer: str = ""
    access: str = "tak-terbaca"
    userinfo: dict[str, Any] = field(default_factory=lambda: {"sub": "siti", "name": "Siti Sintetis"})
    revoked: list[str] = field(default_factory=list)

    def said(self, *without: str, signer: Signer | None = None, **claims: Any) -> str:
        """An access token as Keycloak makes it, but for what is changed."""
        stock = {"iss": self.issuer, "aud": "account", "azp": CLIENT, "typ": "Bearer", **KEYCLOAK}
        return (signer or self.signer).token("role", *without, **{**stock, **claims})

    def _answer(self, path: str, body: str) -> dict[str, Any] | None:
        id_token = self.signer.token("role", "wilayah", iss=self.issuer, aud=CLIENT, azp=CLIENT, nonce=NONCE)
        match path:
            case "/.well-known/openid-configuration":
                ends = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
                ends |= {"userinfo_endpoint": "userinfo", "revocation_endpoint": "revoke"}
                return {"issuer": self.issuer, **{name: f"{self.issuer}/{end}" for name, end in ends.items()}}
            case "/token":
                return {"access_token": self.access, "id_token": id_token, "refresh_token": "lagi"}
            case "/jwks":
                return dict(json.loads(jwks(self.signer)))
            case "/revoke":
                self.revoked.append(body)
                return None
        return self.userinfo

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:")), 0)
        answer = self._answer(head.split(" ")[1], (await reader.readexactly(length)).decode())
        content = b"" if answer is None else json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode())
        writer.write(content)
        await writer.drain()
        writer.close()


@pytest.fixture
async def realm() -> AsyncIterator[Realm]:
    made = Realm()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


def provider(realm: Realm, **claims: Any) -> Provider:
    return Provider(Client(realm.issuer, CLIENT, "", "openid profile", "http://kami/masuk/kembali"), Claims(**claims))


async def test_keycloak_roles_count_at_login_and_at_each_renewal(realm: Realm) -> None:
    asked, realm.access = provider(realm), realm.said()
    who = (await asked.redeem("kode", "penguji", NONCE)).identity
    assert (who.roles, who.wilayah) == ({Role.OPERATOR, Role.OFFICER}, "17.02")
    assert who.name == "Siti Sintetis"
    realm.access = realm.said(realm_access={"roles": ["officer"]}, wilayah="17.71")
    renewed = (await asked.renew("lagi", "siti")).identity
    assert (renewed.roles, renewed.wilayah) == ({Role.OFFICER}, "17.71")


async def test_roles_of_a_client_count_by_their_path(realm: Realm) -> None:
    realm.access = realm.said("realm_access", resource_access={CLIENT: {"roles": ["petugas"]}})
    asked = provider(realm, role=f"resource_access.{CLIENT}.roles", roles={"petugas": Role.OPERATOR})
    assert (await asked.redeem("kode", "penguji", NONCE)).identity.roles == {Role.OPERATOR}


async def test_a_token_by_the_words_of_rfc_9068_counts(realm: Realm) -> None:
    realm.access = realm.said("azp", client_id=CLIENT, aud="https://api.test", headers={"typ": "at+jwt"})
    assert (await provider(realm).redeem("kode", "penguji", NONCE)).identity.roles
    realm.access = realm.said("azp", aud=["https://api.test", CLIENT])
    assert (await provider(realm).redeem("kode", "penguji", NONCE)).identity.roles


@pytest.mark.parametrize(
    "bent",
    [
        {"signer": Signer.new("RS256", "realm")},
        {"signer": Signer.new("RS256", "asing")},
        {"iss": "https://lain.test"},
        {"azp": "klien-lain"},
        {"azp": "klien-lain", "aud": CLIENT},
        {"azp": None, "client_id": "klien-lain", "aud": CLIENT},
        {"exp": time.time() - 60},
        {"nbf": time.time() + 600},
    ],
    ids=lambda bent: "-".join(bent),
)
async def test_a_forged_foreign_or_stale_access_token_says_nothing(realm: Realm, bent: dict[str, Any]) -> None:
    realm.access = realm.said(**bent)
    with pytest.raises(LoginRefused, match="belum diberi peran"):
        await provider(realm).redeem("kode", "penguji", NONCE)


@pytest.mark.parametrize("opaque", ["tak-terbaca", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
async def test_an_opaque_access_token_keeps_nobody_out(realm: Realm, opaque: str) -> None:
    realm.access = opaque
    with pytest.raises(LoginRefused, match="belum diberi peran"):
        await provider(realm).redeem("kode", "penguji", NONCE)
    realm.userinfo |= KEYCLOAK
    assert (await provider(realm).redeem("kode", "penguji", NONCE)).identity.roles


async def test_an_access_token_of_another_person_lets_nobody_in(realm: Realm) -> None:
    realm.access = realm.said(sub="orang-lain")
    with pytest.raises(LoginRefused, match="orang lain"):
        await provider(realm).redeem("kode", "penguji", NONCE)


async def test_userinfo_counts_before_the_access_token(realm: Realm) -> None:
    realm.access = realm.said()
    realm.userinfo |= {"realm_access": {"roles": ["storekeeper"]}}
    assert (await provider(realm).redeem("kode", "penguji", NONCE)).identity.roles == {Role.STOREKEEPER}


async def test_whoever_leaves_takes_the_token_to_ask_again_with_them(realm: Realm) -> None:
    await provider(realm).revoke("lagi")
    assert realm.revoked == [f"token=lagi&token_type_hint=refresh_token&client_id={CLIENT}"]
