"""A session begins with a login, is renewed while the provider vouches for the person, and ends for good.

The browser holds a secret; the table has its hash. A session is shown to the services as a signed cookie that
counts for some minutes from the last renewal, so whoever was deactivated at the provider is out by then.
"""

import asyncio
import hashlib
import secrets
import time
from dataclasses import replace
from datetime import datetime, timedelta

from services.requests.login.oidc import LoginGrant, LoginRefused, Provider, ProviderUnavailable
from services.requests.store import sessions as store
from services.requests.store.sessions import Session
from shared.database.pool import Database
from shared.security.session_tokens import SessionKey
from shared.system_clock import utc_now

CLAIM = timedelta(seconds=20)
"""Longer than a renewal takes: three calls of the provider, at five seconds each."""
PATIENCE = 20.0


def named(secret: str) -> bytes:
    """The name of the session whose secret a browser holds."""
    return hashlib.sha256(secret.encode()).digest()


async def begin(db: Database, key: SessionKey, grant: LoginGrant, length: timedelta) -> tuple[str, Session]:
    """A person came in; returns the secret for the browser, and the session."""
    secret, now = secrets.token_urlsafe(32), utc_now()
    session = _session(key, named(secret), grant, now, now + length)
    async with db.transaction() as conn:
        await store.insert(conn, session)
    return secret, session


async def current(
    db: Database, key: SessionKey, provider: Provider | None, secret: str, lifetime: float
) -> Session | None:
    """The browser's session, renewed once it is half way to its lifetime; None when there is none, or no longer.

    Raises ProviderUnavailable while the provider does not answer, or another renewal of the session takes too long.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = utc_now()
        async with db.connection() as conn:
            session = await store.find(conn, named(secret), now)
        if session is None:
            return None
        if now < session.renewed_at + timedelta(seconds=lifetime / 2):
            return _with_name(key, session)
        async with db.transaction() as conn:
            mine = await store.claim(conn, session, now, now + CLAIM)
        if mine:
            return await _renewed(db, key, provider, session)
        # Another tab is at it: what it brings serves this one too.
        await asyncio.sleep(0.05)
    raise ProviderUnavailable


async def _renewed(db: Database, key: SessionKey, provider: Provider | None, session: Session) -> Session | None:
    """The session with what the provider says now; None, and its end, when it vouches no more."""
    try:
        grant = await _vouched(key, provider, session)
    except LoginRefused:
        await end(db, session.id)
        return None
    except ProviderUnavailable:
        async with db.transaction() as conn:
            await store.release(conn, session.id)
        raise
    renewed = _session(key, session.id, grant, utc_now(), session.ends_at)
    async with db.transaction() as conn:
        return renewed if await store.renew(conn, renewed) else None


async def _vouched(key: SessionKey, provider: Provider | None, session: Session) -> LoginGrant:
    """What the provider says of the person now. Raises LoginRefused, or ProviderUnavailable."""
    if provider is None:
        # A development system without a provider: the token that was pasted said how long.
        return LoginGrant(_with_name(key, session).who, None)
    opened = key.open(session.refresh, session.id) if session.refresh else None
    if opened is None:
        raise LoginRefused("sesi ini tidak dapat diperpanjang")
    return await provider.renew(opened.decode(), session.who.subject)


async def end(db: Database, session: bytes) -> None:
    """The person is out."""
    async with db.transaction() as conn:
        await store.end(conn, session)


async def leave(db: Database, key: SessionKey, provider: Provider | None, session: bytes) -> None:
    """Log out: end the session, and revoke its refresh token. Raises ProviderUnavailable once the session ended."""
    async with db.transaction() as conn:
        sealed = await store.end(conn, session)
    refresh = key.open(sealed, session) if sealed else None
    if refresh is not None and provider is not None:
        await provider.revoke(refresh.decode())


def cookie(key: SessionKey, session: Session, lifetime: float) -> str:
    """What shows the session to all services."""
    seconds = min(lifetime, (session.ends_at - session.renewed_at).total_seconds())
    return key.sign(session.who, session.id.hex(), session.renewed_at, seconds)


def remaining(session: Session, now: datetime) -> int:
    """Seconds until a session ends whatever happens."""
    return max(0, int((session.ends_at - now).total_seconds()))


def _session(key: SessionKey, name: bytes, grant: LoginGrant, now: datetime, ends_at: datetime) -> Session:
    """The session of a person whom the provider vouches for, as it is kept."""
    refresh, called = _sealed(key, name, grant.refresh), _sealed(key, _of_name(name), grant.identity.name)
    return Session(name, grant.identity, refresh, called, now, ends_at)


def _with_name(key: SessionKey, session: Session) -> Session:
    """A session as it was kept, with the person's name, if a name of this key's was kept."""
    name = key.open(session.name, _of_name(session.id)) if session.name else None
    return replace(session, who=replace(session.who, name=name.decode())) if name else session


def _of_name(session: bytes) -> bytes:
    """What a name is sealed for: not for what a refresh token is."""
    return session + b"/name"


def _sealed(key: SessionKey, purpose: bytes, content: str | None) -> bytes | None:
    return key.seal(content.encode(), purpose) if content else None
