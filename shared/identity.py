"""Who a caller is: a subject in one role, for one wilayah.

A wilayah is a prefix of whole segments of Kemendagri codes: "17.71" sees all of Kota Bengkulu and nothing of
Cirebon; "" sees all. Nothing else is one: "17.0" or "17." is no prefix of segments, and no identity has it.
"""

import re
from dataclasses import dataclass
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


def is_wilayah(text: str) -> bool:
    """Whether this is a prefix of whole segments, or "" for the whole country."""
    return _WILAYAH.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose token or session was checked."""

    subject: str
    role: Role
    wilayah: str

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
