"""What a provider says of a person, in whatever words it has, read as an identity.

A claim is named by its key or by a dotted path ("realm_access.roles"). At least one role of ours must come of it,
and several only where they go together: what says nothing certain is refused. In production the whole country is
said by a word, since a provider leaves out or empties an attribute too easily to grant everything by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.security.identity import Identity, Role, is_wilayah, may_be_combined

NATION = "nasional"
ROLE = "role realm_access.roles"
"""Where roles stand unless a setting says otherwise: in a claim of that name, or where Keycloak puts them."""
_NAMES = "name", "preferred_username"
_LONGEST_NAME = 80


class AmbiguousClaims(ValueError):
    """The claims make no identity. The message is for the person who asked to come in, and names no value."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Where roles and wilayah stand in a token."""

    role: str = ROLE
    """One claim or several, separated by spaces: the first that a token has counts."""
    wilayah: str = "wilayah"
    roles: Mapping[str, Role] = field(default_factory=dict)
    """The provider's name of a role -> ours. Where there are any, no other name counts, not even one of ours."""
    nation_by_word: bool = True

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """The identity that these claims make. Raises Unclear."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise AmbiguousClaims("penyedia login tidak menyebut siapa Anda")
        return Identity(subject, self._roles(claims), self._wilayah(claims), _name(claims))

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        told = next((found for path in self.role.split() if (found := _at(claims, path)) is not None), None)
        names = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        known = self.roles or {str(role): role for role in Role}
        ours = frozenset(known[name] for name in names if isinstance(name, str) and name in known)
        if not ours:
            raise AmbiguousClaims("akun Anda belum diberi peran")
        if not may_be_combined(ours):
            raise AmbiguousClaims("akun Anda punya peran yang tidak boleh digabung")
        return ours

    def _wilayah(self, claims: Mapping[str, Any]) -> str:
        said = _at(claims, self.wilayah)
        if said == NATION:
            return ""
        if not isinstance(said, str) or not is_wilayah(said) or (said == "" and self.nation_by_word):
            raise AmbiguousClaims("akun Anda belum diberi wilayah")
        return said


def _name(claims: Mapping[str, Any]) -> str:
    """What the provider calls the person, on one line and no longer than a page shows; "" when it says nothing."""
    told = next((said for name in _NAMES if isinstance(said := claims.get(name), str) and said.strip()), "")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in told).split())[:_LONGEST_NAME]


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """What stands under a key, or at the end of a dotted path; None when there is nothing."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
