"""What was typed into the search of the work list, on its way through the address: sealed, for the same person alone.

A form's body brings it, and the browser is sent on: reloading, going back and the next page work, and neither the
address bar, nor a log, nor a colleague to whom the address was sent, has a name.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs

from fastapi import Request

from services.requests.domain.finding import Sought
from services.requests.domain.text import one_line
from shared.database.pool import Database
from shared.security.auth import Identity
from shared.security.encryption import Cipher, InvalidTag, derive
from shared.system_clock import utc_now

LONGEST = 120
FORM_BYTES = 4096
LIFETIME = timedelta(hours=12)
_STAMP = 8


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: what is looked for, and the filters beside it."""

    sought: Sought
    filters: dict[str, str]

    @classmethod
    async def of(cls, request: Request) -> "Typed":
        """The form, as far as it can be read."""
        form = parse_qs((await request.body())[:FORM_BYTES].decode(errors="replace"))
        filters = {name: values[0] for name, values in form.items() if name != "q"}
        return cls(Sought.of(one_line(form.get("q", [""])[0])[:LONGEST]), filters)


def seal(db: Database, who: Identity, text: str) -> str:
    """The text as an address has it. Texts of many lengths look alike."""
    stamp = int(utc_now().timestamp()).to_bytes(_STAMP)
    content = text.encode()
    padded = content + b" " * (-len(content) % 32)
    return urlsafe_b64encode(_box(db).seal(stamp + padded, who.subject.encode())).decode()


def unseal(db: Database, who: Identity, sealed: str) -> Sought | None:
    """What it was; None for another person's, one too old, or one that was cut off."""
    try:
        content = _box(db).open(urlsafe_b64decode(sealed), who.subject.encode())
    except (InvalidTag, Error, ValueError):
        return None
    if utc_now().timestamp() - int.from_bytes(content[:_STAMP]) > LIFETIME.total_seconds():
        return None
    return Sought.of(content[_STAMP:].decode().strip())


def _box(db: Database) -> Cipher:
    return Cipher(derive(db.command_key, "searches"))
