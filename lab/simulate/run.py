"""A simulation on a system that runs."""

from lab.simulate.outcome import collect
from lab.simulate.outcome.story import Story
from lab.simulate.population.city import City
from lab.simulate.service_client import ServiceClient
from lab.simulate.simulator import Simulator, Watcher
from ops.system import SERVICES, QuiescenceMonitor, System


async def simulate(
    system: System, city: City, *, days: int = 30, seed: int = 1, watcher: Watcher | None = None
) -> Story:
    """The story of `days` days. The system's databases must be fresh."""
    urls = {name: system.url(name) for name in SERVICES}
    async with ServiceClient(urls, system.token, seed=seed) as client, QuiescenceMonitor(system) as monitor:
        return await story_of(
            Simulator(city, seed=seed, client=client, wait_quiescent=monitor.wait, days=days, watcher=watcher)
        )


async def story_of(simulator: Simulator) -> Story:
    """Run a simulation to its end and read from the services what came of it. Raises what `Simulator.run` raises."""
    try:
        await simulator.run()
        return await collect.story(simulator)
    finally:
        await simulator.supply.receiver.stop()
