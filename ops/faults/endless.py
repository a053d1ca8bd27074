"""The simulator's story without a last day, on few blank cards, so that stock often runs low."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ops.simulate import CITIES, Simulator

CITY = replace(CITIES["rejang-lebong"], opening=300, grant=400)
"""Low within days; each grant suffices for some two weeks, and comes after the level is critical."""


class EndlessSimulator(Simulator):
    """Day after day, until somebody has seen enough; each day is finished."""

    async def run_until(self, enough: Callable[[], bool]) -> None:
        """Raises what `Simulator.run` raises. The province's receiver of webhooks goes on listening."""
        day = self.city.first_day
        await self.supply.open(day)
        while not enough():
            await self._day(day)
            day += timedelta(days=1)
        await self.quiet()
