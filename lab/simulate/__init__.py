"""A deterministic simulation of an office's weeks, told to the running system through its HTTP API.

    story = await simulate(system, CITIES["rejang-lebong"], days=30, seed=1)

The same seed gives the same story, byte for byte: whatever the simulator decides it draws from the seed, and
whatever the system decides it is asked for only when it is quiet.
"""

from lab.simulate.outcome.story import Story
from lab.simulate.outcome.verdict import Verdict, judge
from lab.simulate.population.cities import CITIES
from lab.simulate.population.city import City
from lab.simulate.run import simulate
from lab.simulate.service_client import Command, ServiceClient
from lab.simulate.simulator import Simulator

__all__ = ["CITIES", "City", "Command", "ServiceClient", "Simulator", "Story", "Verdict", "judge", "simulate"]
