"""A deterministic simulation of an office's weeks, told to the running system through its HTTP API.

    story = await Simulator(CITIES["rejang-lebong"], seed=1, line=line, quiet=quiet.wait).run()

The same seed gives the same story, byte for byte: whatever the simulator decides it draws from the seed, and
whatever the system decides it is asked for only when it is quiet.
"""

from ops.simulate.cities import CITIES
from ops.simulate.city import City
from ops.simulate.line import Command, Line
from ops.simulate.run import simulate
from ops.simulate.simulator import Simulator
from ops.simulate.story import Story
from ops.simulate.verdict import Verdict, judge

__all__ = ["CITIES", "City", "Command", "Line", "Simulator", "Story", "Verdict", "judge", "simulate"]
