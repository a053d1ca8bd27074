"""A simulation on a system that runs."""

from lab.simulate.outcome.story import Story
from lab.simulate.population.city import City
from lab.simulate.service_client import Line
from lab.simulate.simulator import Simulator, Watcher
from ops.system import SERVICES, Quiet, System


async def simulate(
    system: System, city: City, *, days: int = 30, seed: int = 1, watcher: Watcher | None = None
) -> Story:
    """The story of `days` days. The system's databases must be fresh."""
    urls = {name: system.url(name) for name in SERVICES}
    async with Line(urls, system.token, seed=seed) as line, Quiet(system) as quiet:
        return await Simulator(city, seed=seed, line=line, quiet=quiet.wait, days=days, watcher=watcher).run()
