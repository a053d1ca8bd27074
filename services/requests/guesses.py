"""How often somebody may be wrong about a tracking code and its digits. Each process counts for itself.

A guess is counted before it is looked at, or a thousand at once would all be the first; one that was right is taken
back. A code is counted whether there is such a case or not: being refused tells nothing.
"""

from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter

from services.requests.settings import Settings
from shared.edge.counters import Counters
from shared.edge.limits import Refusal, limit_of, network, refused


class Guesses:
    """The guesses of this process, by address and by code."""

    def __init__(self, settings: Settings) -> None:
        told = {"tracking": settings.rate_tracking, "tracking_code": settings.rate_tracking_code}
        self._address, self._code = (limit_of(rate, name) for name, rate in told.items())
        self._counters = Counters()
        self._windows = FixedWindowRateLimiter(self._counters)

    def begin(self, host: str, code: str) -> Refusal | None:
        """Count a guess; one too many is refused, and not counted."""
        counted = self._counted(host, code)
        for limit, who in counted:
            if not self._windows.test(limit, who):
                return refused(self._windows, limit, who)
        for limit, who in counted:
            self._windows.hit(limit, who)
        return None

    def right(self, host: str, code: str) -> None:
        """It was no guess: the count is as before."""
        for limit, who in self._counted(host, code):
            self._counters.take_back(limit.key_for(who))

    def _counted(self, host: str, code: str) -> list[tuple[RateLimitItem, str]]:
        both = ((self._address, network(host)), (self._code, code))
        return [(limit, who) for limit, who in both if limit is not None]
