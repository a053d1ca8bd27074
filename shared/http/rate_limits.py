"""How often somebody may ask. Each process counts for itself: with N processes a caller gets up to N times as much.

A caller whose token was found good is counted by subject, whatever address it comes from. Everybody else is
counted by address, and refused there after a few answers of 401: guessing is slow, and a broken device behind an
office's address does not lock out colleagues who are already known.
"""

import math
import time
from collections import OrderedDict
from collections.abc import MutableMapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network

from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from shared.http.counters import MemoryCounters
from shared.settings import Settings

REMEMBERED = 20_000
"""Good tokens that are known again; the oldest is forgotten first."""
PROBES = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked by the machines that watch over a service: never refused."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Too many. `seconds` until the window ends, rounded up."""

    limit: RateLimitItem
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """Of the 429: how long to wait, and which limit it was."""
        name, most, window = self.limit.namespace, self.limit.amount, self.limit.get_expiry()
        return {
            "Retry-After": str(self.seconds),
            "RateLimit-Policy": f'"{name}";q={most};w={window}',
            "RateLimit": f'"{name}";r=0;t={self.seconds}',
        }


class RateLimits:
    """The limits of one process, of which "" is none."""

    def __init__(self, settings: Settings) -> None:
        self._subject = limit_of(settings.rate_subject, "subject")
        self._address = limit_of(settings.rate_address, "address")
        self._failures = limit_of(settings.rate_failures, "failures")
        self._windows = FixedWindowRateLimiter(MemoryCounters())
        self._known: MutableMapping[bytes, str] = OrderedDict()

    def refusal(self, credential: bytes, host: str, path: str) -> Refusal | None:
        """Count a request, and say whether it is too many."""
        subject = self._known.get(credential) if credential else None
        if subject is not None:
            return self._counted(self._subject, subject)
        if path in PROBES:
            return None
        address = network(host)
        failures = self._failures
        if failures is not None and not self._windows.test(failures, address):
            return refused(self._windows, failures, address)
        return self._counted(self._address, address)

    def failed(self, credential: bytes, host: str) -> None:
        """A request was answered 401: its token, if it was good once, is no more."""
        self._known.pop(credential, None)
        if self._failures is not None:
            self._windows.hit(self._failures, network(host))

    def knows(self, credential: bytes) -> bool:
        """Whether the token was found good before."""
        return credential in self._known

    def learn(self, credential: bytes, subject: str) -> None:
        """The token is good, and this subject's."""
        if len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[credential] = subject

    def _counted(self, limit: RateLimitItem | None, who: str) -> Refusal | None:
        if limit is None or self._windows.hit(limit, who):
            return None
        return refused(self._windows, limit, who)


def network(host: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that an IPv6 host may choose from at will."""
    if ":" not in host:
        return host
    try:
        return str(ip_network((IPv6Address(host.partition("%")[0]), 64), strict=False))
    except ValueError:
        return host


def refused(windows: FixedWindowRateLimiter, limit: RateLimitItem, who: str) -> Refusal:
    """The refusal of whoever has used up a limit."""
    until = windows.get_window_stats(limit, who).reset_time
    return Refusal(limit, max(1, math.ceil(until - time.time())))


def limit_of(told: str, name: str) -> RateLimitItem | None:
    """The limit that a setting tells, by the name that answers call it; None for ""."""
    if not told:
        return None
    limit = parse(told)
    limit.namespace = name
    return limit
