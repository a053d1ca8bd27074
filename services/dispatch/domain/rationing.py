"""Which services may be printed while blank cards are few."""

from dataclasses import dataclass

from shared.contract.fields import ServiceCode


@dataclass(frozen=True, slots=True)
class Rationing:
    """The services that may be printed now; all of them unless cards are rationed."""

    active: bool
    allowed: frozenset[ServiceCode]

    def allows(self, service: ServiceCode) -> bool:
        """Whether a card for this service may be printed."""
        return service in self.allowed

    @classmethod
    def of(cls, active: bool, allowed: frozenset[ServiceCode]) -> "Rationing":
        """As announced: what is allowed counts only while it is active."""
        return cls(True, allowed) if active else NONE


NONE = Rationing(False, frozenset(ServiceCode))
"""Cards enough."""
