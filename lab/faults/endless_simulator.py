"""The simulator's story without a last day, on few blank cards, so that stock often runs low."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from lab.simulate import CITIES, Simulator
from lab.simulate.simulator import MORNING

CITY = replace(CITIES["rejang-lebong"], opening=300, grant=400, found_wrong=0.05, decides=True)
"""Low within days; each grant suffices for some two weeks, and comes after the level is critical. Some printed cards
are destroyed and printed again, and after the last visit somebody decides."""


class EndlessSimulator(Simulator):
    """Day after day, until somebody has seen enough; each day is finished.

    Days that are leapt over had their visits all the same: they are told on the day after, with the times they had.
    """

    leaps = 0
    """Days to be leapt over before the next day; 0 once they are."""
    _leapt: tuple[date, ...] = ()

    def leap(self, days: int) -> None:
        """Let business time go on by so many days at once, from the next day on."""
        self.leaps += days

    async def run_until(self, enough: Callable[[], bool]) -> None:
        """Raises what `Simulator.run` raises. The province's receiver of webhooks goes on listening."""
        day = self.city.first_day
        await self._tick(day, MORNING)
        await self.supply.open(day)
        try:
            while not enough():
                leapt = self.leaps
                self._leapt += tuple(day + timedelta(days=n) for n in range(leapt))
                day += timedelta(days=leapt)
                await self._day(day)
                self.leaps -= leapt
                day += timedelta(days=1)
        finally:
            self.leaps = 0
        await self.wait_quiescent()

    async def _plan_visits(self, day: date) -> None:
        for each in (*self._leapt, day):
            await super()._plan_visits(each)
        self._leapt = ()
