"""Who a caller is: a subject in its roles, for one wilayah.

A wilayah is a prefix of whole segments of Kemendagri codes: "17.71" sees all of Kota Bengkulu and nothing of
Cirebon; "" sees all. Nothing else is one: "17.0" or "17." is no prefix of segments, and no identity has it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from shared.problems import Forbidden

_WILAYAH = re.compile(r"([0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)?")


class Role(StrEnum):
    """What a caller may do."""

    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    OFFICER = "officer"
    PRINT_OPERATOR = "print_operator"
    STOREKEEPER = "storekeeper"
    PROVINCIAL = "provincial"
    OPS = "ops"
    SUBSCRIBER = "subscriber"
    SERVICE = "service"


OF_AN_OFFICE = frozenset(
    {Role.OPERATOR, Role.DISPATCHER, Role.OFFICER, Role.PRINT_OPERATOR, Role.STOREKEEPER},
)
"""The work of one office, of which a person may do several parts. Every other role stands alone: who approves a
shipment of blank cards does not also receive it, who runs the system reads no persons, and a program is no person."""


def may_be_combined(roles: frozenset[Role]) -> bool:
    """Whether one caller may have all of these roles."""
    return len(roles) == 1 or (len(roles) > 1 and roles <= OF_AN_OFFICE)


def format_roles(roles: Iterable[Role]) -> str:
    """Roles as one word, always the same: "operator", or "officer+operator"."""
    return "+".join(sorted(roles))


def parse_roles(word: str) -> frozenset[Role]:
    """The roles of such a word. Raises ValueError for what is none."""
    return frozenset(Role(each) for each in word.split("+"))


def is_wilayah(text: str) -> bool:
    """Whether this is a prefix of whole segments, or "" for the whole country."""
    return _WILAYAH.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose token or session was checked. A route lets in who has any of the roles that it names."""

    subject: str
    roles: frozenset[Role]
    wilayah: str
    name: str = field(default="", compare=False, repr=False)
    """What the provider calls the person, for the person's own pages alone: no log or event holds it."""

    @classmethod
    def of(cls, subject: str, role: Role, wilayah: str) -> "Identity":
        """A caller in one role."""
        return cls(subject, frozenset({role}), wilayah)

    @property
    def role(self) -> str:
        """All the roles as one word, for what is written down."""
        return format_roles(self.roles)

    def is_any(self, *roles: Role) -> bool:
        """Whether the caller has one of these roles."""
        return not self.roles.isdisjoint(roles)

    def sees(self, code: str) -> bool:
        """Whether a region or office code lies in the caller's wilayah."""
        return not self.wilayah or code == self.wilayah or code.startswith(self.wilayah + ".")

    def must_see(self, code: str) -> None:
        """Raises Forbidden (403) for a code outside the caller's wilayah."""
        if not self.sees(code):
            raise Forbidden(f"wilayah {self.wilayah} tidak mencakup {code}", field="wilayah")

    def must_see_part(self, code: str) -> None:
        """Raises Forbidden (403) unless the caller's wilayah and the code's overlap; lists show the overlap."""
        if not self.wilayah.startswith(f"{code}."):
            self.must_see(code)
