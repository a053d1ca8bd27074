"""OpenID Connect as a relying party: code flow with PKCE (S256), any provider by its issuer's URL (discovery).

Nothing the browser brings is believed by itself: the code is redeemed with a verifier that only this login knows,
the id_token's signature, issuer, audience and nonce are checked, and userinfo must speak of the same subject. An
access token counts too where it is a JWT that the provider signed for this client, for some providers, Keycloak
among them, say a person's roles nowhere else; one that cannot be read says nothing.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from shared.problems import Unauthorized
from shared.security.claims import AmbiguousClaims, Claims
from shared.security.identity import Identity
from shared.security.jwks_client import JwksClient
from shared.security.tokens import TokenPolicy

log = structlog.get_logger()

TIMEOUT = httpx.Timeout(5.0)
DISCOVERY = "/.well-known/openid-configuration"


class LoginRefused(Exception):
    """The provider, or its answer, does not allow this login. The message is for the person."""


class ProviderUnavailable(Exception):
    """The provider does not answer; nothing is known of the person, who may try again."""


class _Declined(Exception):
    """A 4xx, with the provider's code for it (RFC 6749, 5.2)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Endpoints(BaseModel):
    """What is needed of a provider's discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """This installation at its provider, as the provider's operator registered it. Without a secret it is public."""

    issuer: str
    id: str
    secret: str
    scope: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class LoginGrant:
    """A person whom the provider confirms, and the refresh token."""

    identity: Identity
    refresh: str | None


class Provider:
    """The office's identity provider. All raise ProviderUnavailable while it does not answer."""

    def __init__(self, client: Client, claims: Claims) -> None:
        self._client, self._claims = client, claims
        self._known: tuple[Endpoints, JwksClient] | None = None

    @property
    def issuer(self) -> str:
        """Its name."""
        return self._client.issuer

    async def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """The URL at the provider to which the browser goes to log in."""
        endpoints, _ = await self._discovered()
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.redirect_uri,
            "scope": self._client.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        # Some providers give a refresh token for the asking alone, others only with the person's consent.
        if "offline_access" in self._client.scope.split():
            query["prompt"] = "consent"
        return _with(endpoints.authorization_endpoint, query)

    async def redeem(self, code: str, verifier: str, nonce: str) -> LoginGrant:
        """Who the person with this code is. Raises LoginRefused."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._client.redirect_uri}
        tokens = await self._tokens({**asked, "code_verifier": verifier})
        claims = await self._id_claims(tokens)
        if claims is None or claims.get("nonce") != nonce:
            raise LoginRefused("jawaban penyedia login bukan untuk permintaan ini")
        return await self._grant(tokens, claims, str(claims["sub"]), None)

    async def renew(self, refresh: str, subject: str) -> LoginGrant:
        """The person as the provider confirms them now. Raises LoginRefused when it no longer does."""
        tokens = await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh})
        return await self._grant(tokens, await self._id_claims(tokens), subject, refresh)

    async def revoke(self, refresh: str) -> None:
        """The person has left: the token to ask again is worth nothing from now on (RFC 7009), where it can be told.

        Some providers, Keycloak among them, end their own session with it.
        """
        endpoints, _ = await self._discovered()
        if endpoints.revocation_endpoint is None:
            return
        form, headers = self._as_client({"token": refresh, "token_type_hint": "refresh_token"})
        answer = await _sent("POST", endpoints.revocation_endpoint, data=form, headers=headers)
        if not answer.is_success:
            log.warning("login provider revokes nothing", status=answer.status_code)

    async def logout_url(self, back: str) -> str | None:
        """The URL at which a browser ends its session at the provider; None when the provider has none.

        The id_token is not sent as a hint: it names the person, and addresses are written into logs.
        """
        endpoints, _ = await self._discovered()
        query = {"client_id": self._client.id, "post_logout_redirect_uri": back}
        return _with(endpoints.end_session_endpoint, query) if endpoints.end_session_endpoint else None

    async def _grant(
        self, tokens: dict[str, Any], claims: dict[str, Any] | None, subject: str, refresh: str | None
    ) -> LoginGrant:
        told = await self._userinfo(tokens)
        if claims is None and told is None:
            raise LoginRefused("penyedia login tidak menyebut siapa Anda")
        said = [each for each in (await self._access_claims(tokens), claims, told) if each is not None]
        if {each["sub"] for each in said if "sub" in each} != {subject}:
            raise LoginRefused("penyedia login menjawab tentang orang lain")
        try:
            identity = self._claims.identity({name: value for each in said for name, value in each.items()})
        except AmbiguousClaims as error:
            raise LoginRefused(str(error)) from error
        given = tokens.get("refresh_token")
        return LoginGrant(identity, given if isinstance(given, str) else refresh)

    async def _id_claims(self, tokens: dict[str, Any]) -> dict[str, Any] | None:
        """What the id_token says; None without one."""
        token = tokens.get("id_token")
        if not isinstance(token, str):
            return None
        _, keys = await self._discovered()
        try:
            claims = await keys.ask(lambda known: known.claims(token))
        except Unauthorized as error:
            raise LoginRefused("jawaban penyedia login tidak sah") from error
        if claims.get("azp", self._client.id) != self._client.id:
            raise LoginRefused("jawaban penyedia login bukan untuk kami")
        return claims

    async def _access_claims(self, tokens: dict[str, Any]) -> dict[str, Any] | None:
        """What the access token says; None for one that is opaque, forged, expired or not for this client."""
        endpoints, keys = await self._discovered()
        policy = TokenPolicy(audience=None, issuer=endpoints.issuer)
        try:
            claims = await keys.ask(lambda known: known.claims(tokens["access_token"], policy))
        except Unauthorized:
            return None
        return claims if _asked_by(claims, self._client.id) else None

    async def _userinfo(self, tokens: dict[str, Any]) -> dict[str, Any] | None:
        endpoints, _ = await self._discovered()
        if endpoints.userinfo_endpoint is None:
            return None
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        try:
            return await _json("GET", endpoints.userinfo_endpoint, headers=headers)
        except _Declined as error:
            raise LoginRefused("akun Anda tidak lagi dikenal penyedia login") from error

    async def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        endpoints, _ = await self._discovered()
        form, headers = self._as_client(form)
        try:
            tokens = await _json("POST", endpoints.token_endpoint, data=form, headers=headers)
        except _Declined as error:
            if error.code == "invalid_grant":
                raise LoginRefused("izin masuk ini sudah tidak berlaku, atau akun Anda dinonaktifkan") from error
            # Our own registration is at fault, not the person: nobody comes in, and nobody's session is ended.
            log.error("login provider declines this client", code=error.code)
            raise ProviderUnavailable from error
        if not isinstance(tokens.get("access_token"), str):
            raise LoginRefused("penyedia login tidak memberi izin masuk")
        return tokens

    def _as_client(self, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """A form and its headers, as this client sends them."""
        if not self._client.secret:
            return {**form, "client_id": self._client.id}, {}
        # RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
        pair = f"{quote(self._client.id, safe='')}:{quote(self._client.secret, safe='')}"
        return form, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    async def _discovered(self) -> tuple[Endpoints, JwksClient]:
        """The provider's endpoints and keys, asked once; what moves is found by a restart."""
        if self._known is None:
            try:
                found = await _json("GET", self._client.issuer.rstrip("/") + DISCOVERY)
                endpoints = Endpoints.model_validate(found)
            except (_Declined, ValidationError) as error:
                raise ProviderUnavailable from error
            if endpoints.issuer != self._client.issuer:
                raise ProviderUnavailable
            policy = TokenPolicy(audience=self._client.id, issuer=endpoints.issuer)
            self._known = endpoints, JwksClient(endpoints.jwks_uri, policy)
        return self._known


def _asked_by(claims: dict[str, Any], client: str) -> bool:
    """Whether a token was given to this client: by the word of OpenID Connect, that of RFC 9068, or its audience."""
    parties = [claims[name] for name in ("azp", "client_id") if claims.get(name) is not None]
    if parties:
        return all(party == client for party in parties)
    audience = claims.get("aud")
    return client in (audience if isinstance(audience, list) else [audience])


async def _json(method: str, url: str, **sent: Any) -> dict[str, Any]:
    """A JSON object. Raises _Declined for a 4xx, ProviderUnavailable for anything else that is none."""
    answer = await _sent(method, url, **sent)
    try:
        content = answer.json() if answer.is_success or answer.content else {}
    except ValueError as error:
        raise ProviderUnavailable from error
    if not isinstance(content, dict):
        raise ProviderUnavailable
    if answer.is_client_error and answer.status_code not in (408, 429):
        raise _Declined(str(content.get("error", answer.status_code))[:40])
    if not answer.is_success:
        raise ProviderUnavailable
    return content


async def _sent(method: str, url: str, **sent: Any) -> httpx.Response:
    """What the provider answers, whatever it is. Raises ProviderUnavailable where it does not."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as http:
            return await http.request(method, url, **sent)
    except httpx.HTTPError as error:
        raise ProviderUnavailable from error


def _with(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
