"""Webhooks by the Standard Webhooks specification: what is sent, where it may go, and what an answer means."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from uuid import UUID

from shared.events import AlertEvent

MINUTE, HOUR = 60.0, 3600.0
RETRIES = (5.0, *(minutes * MINUTE for minutes in (5, 30)), *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds to wait after each failed attempt, as the specification advises: ten attempts over some three days."""
_CARRIES_IPV4 = tuple(ip_network(block) for block in ("64:ff9b::/96", "2002::/16", "2001::/32"))


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Once more, `seconds` from now."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Every attempt failed."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver wants no more: the subscription ends."""


Verdict = Delivered | TryAgain | GivenUp | Gone


def judge(status: int | None, attempt: int, retries: Sequence[float]) -> Verdict:
    """What an attempt (counted from 1) came to. `status` is the HTTP status; None when there was no answer."""
    if status is not None and 200 <= status < 300:
        return Delivered()
    if status == 410:
        return Gone()
    return TryAgain(retries[attempt - 1]) if attempt <= len(retries) else GivenUp()


def content(event: AlertEvent, message_id: UUID) -> str:
    """The body: the event as CloudEvents 1.0 JSON (structured mode). `message_id` is the same for all receivers."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(message_id),
            "type": event.type_name(),
            "source": "/notify",
            "time": event.time,
            "subject": event.key,
            "data": event.model_dump(mode="json"),
        },
        separators=(",", ":"),
    )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies in the open internet: not private, loopback, link-local, multicast, nor an IPv6
    address that stands for an IPv4 one and could hide a private one (OWASP API7:2023)."""
    hides = isinstance(address, IPv6Address) and any(address in block for block in _CARRIES_IPV4)
    return address.is_global and not address.is_multicast and not hides
