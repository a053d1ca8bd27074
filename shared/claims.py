"""What a provider says of a person, in whatever words it has, read as an identity.

A claim is named by its key or by a dotted path ("realm_access.roles"). Exactly one role of ours must come of it:
a token with none or with two says nothing certain, and is refused. In production the whole country is said by a
word, since a provider leaves out or empties an attribute too easily to grant everything by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.identity import Identity, Role, is_wilayah

NATION = "nasional"


class Unclear(ValueError):
    """The claims make no identity. The message is for the person who asked to come in, and names no value."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Where role and wilayah stand in a token."""

    role: str = "role"
    wilayah: str = "wilayah"
    roles: Mapping[str, str] = field(default_factory=dict)
    """The provider's name of a role -> ours; a name that is not here stands for itself."""
    nation_by_word: bool = True

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """The identity that these claims make. Raises Unclear."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Unclear("penyedia login tidak menyebut siapa Anda")
        return Identity(subject, self._role(claims), self._wilayah(claims))

    def _role(self, claims: Mapping[str, Any]) -> Role:
        said = _at(claims, self.role)
        names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        ours = {self.roles.get(name, name) for name in names if isinstance(name, str)} & set(Role)
        if len(ours) != 1:
            raise Unclear("akun Anda belum diberi peran" if not ours else "akun Anda punya lebih dari satu peran")
        return Role(ours.pop())

    def _wilayah(self, claims: Mapping[str, Any]) -> str:
        said = _at(claims, self.wilayah)
        if said == NATION:
            return ""
        if not isinstance(said, str) or not is_wilayah(said) or (said == "" and self.nation_by_word):
            raise Unclear("akun Anda belum diberi wilayah")
        return said


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """What stands under a key, or at the end of a dotted path; None when there is nothing."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
