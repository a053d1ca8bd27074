"""Configuration of the login: the key of sessions, the identity provider if there is one, and the cookies' names.

Over https the names carry the prefixes that bind a cookie to this host and to https (RFC 6265bis). Over http, which
only a development system has, browsers would not keep such cookies.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Response

from services.requests.login import sessions
from services.requests.login.development import read_tokens
from services.requests.login.errand import MINUTES, LoginAttempt
from services.requests.login.oidc import Client, Provider
from services.requests.settings import Settings
from services.requests.store.sessions import Session
from shared.security.cookies import COOKIE, PLAIN_COOKIE
from shared.security.session_tokens import SessionKey

PATH = "/masuk"


@dataclass(frozen=True, slots=True)
class LoginConfig:
    """What the routes of the login need. Without a session key there is none, and nobody logs in."""

    key: SessionKey
    provider: Provider | None
    origin: str
    secure: bool
    lifetime: float
    length: timedelta
    tokens: tuple[str, ...] = field(default=(), repr=False)
    """Of the logins that a development system offers."""

    @classmethod
    def of(cls, told: Settings) -> "LoginConfig | None":
        """The configuration of the settings; None without a key. Raises OSError or ValueError for a bad file."""
        if told.session_key_file is None:
            return None
        return cls(
            key=SessionKey.load(told.session_key_file),
            provider=_provider(told) if told.oidc_issuer else None,
            origin=told.public_origin.rstrip("/"),
            secure=told.production or told.public_origin.startswith("https://"),
            lifetime=told.session_lifetime,
            length=timedelta(hours=told.session_hours),
            tokens=read_tokens(told.development_logins_file),
        )

    @property
    def refresh_cookie(self) -> str:
        """The name of the cookie with the session's secret, sent to the login routes only."""
        return "__Secure-masuk" if self.secure else "masuk"

    @property
    def session(self) -> str:
        """The name of the cookie that shows the session to all services."""
        return COOKIE if self.secure else PLAIN_COOKIE

    def attempt_cookie(self, name: str) -> str:
        """The name of the cookie of a login attempt."""
        return f"__Secure-{name}" if self.secure else name

    def remember(self, answer: Response, attempt: LoginAttempt) -> None:
        """Set the cookie of a login attempt, which the browser must bring back."""
        self._set(answer, self.attempt_cookie(attempt.cookie), attempt.encrypted(self.key), PATH, MINUTES * 60)

    def forget(self, answer: Response, name: str) -> None:
        """Delete the cookie of a login attempt."""
        self._set(answer, self.attempt_cookie(name), "", PATH, 0)

    def show(self, answer: Response, session: Session, now: datetime) -> None:
        """Set the cookie that shows the session to all services.

        It outlives its content, so that a log-out knows whose session it was.
        """
        shown = sessions.cookie(self.key, session, self.lifetime)
        self._set(answer, self.session, shown, "/", sessions.remaining(session, now))

    def keep(self, answer: Response, secret: str, session: Session, now: datetime) -> None:
        """Set the cookie with the session's secret."""
        self._set(answer, self.refresh_cookie, secret, PATH, sessions.remaining(session, now))

    def clear(self, answer: Response) -> None:
        """Delete both cookies of the session."""
        self._set(answer, self.session, "", "/", 0)
        self._set(answer, self.refresh_cookie, "", PATH, 0)

    def _set(self, answer: Response, name: str, value: str, path: str, seconds: int) -> None:
        # Lax, not Strict: the browser comes back from the provider by a link of another site.
        answer.set_cookie(name, value, max_age=seconds, path=path, secure=self.secure, httponly=True, samesite="lax")


def _provider(told: Settings) -> Provider:
    file = told.oidc_client_secret_file
    client = Client(
        issuer=told.oidc_issuer,
        id=told.oidc_client_id,
        secret=file.read_text().strip() if file else "",
        scope=told.oidc_scope,
        redirect_uri=f"{told.public_origin.rstrip('/')}{PATH}/kembali",
    )
    return Provider(client, told.claims())
