"""A login attempt: what its browser must bring back from the provider, encrypted in a cookie of that browser.

The server stores nothing for an attempt, and a code that another browser obtained is of no use in this one.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from shared.security.session_tokens import SessionKey

MINUTES = 10
_PURPOSE = b"errand"
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One attempt: `to` is the path the person wanted, `until` a time in seconds."""

    state: str
    nonce: str
    verifier: str
    to: str
    until: float

    @classmethod
    def new(cls, to: str, now: datetime) -> "LoginAttempt":
        """Begin an attempt, with secrets of 256 bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, to, now.timestamp() + MINUTES * 60)

    @property
    def cookie(self) -> str:
        """The cookie's name: one for each attempt, so that two tabs may log in at once."""
        return cookie_of(self.state)

    def encrypted(self, key: SessionKey) -> str:
        """The cookie's value."""
        return key.seal(_attempt.dump_json(self), _PURPOSE).hex()


_attempt = TypeAdapter(LoginAttempt)


def cookie_of(state: str) -> str:
    """The name of the cookie of the login with this state; "" for what is no state of ours."""
    return f"masuk-{state[:12]}" if _STATE.fullmatch(state) else ""


def opened(key: SessionKey, cookie: str, state: str, now: datetime) -> LoginAttempt | None:
    """The login that this cookie and this state belong to; None when they do not, or it took too long."""
    try:
        content = key.open(bytes.fromhex(cookie), _PURPOSE)
        errand = _attempt.validate_json(content) if content else None
    except (ValueError, ValidationError):
        return None
    whole = errand is not None and secrets.compare_digest(errand.state, state) and errand.until > now.timestamp()
    return errand if whole else None
