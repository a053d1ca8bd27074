"""The commands of `python -m lab`: what exercises the system, breaks it on purpose and measures it."""

from typing import Annotated, Literal, NoReturn

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console

from ops.command_line import run

app = App(
    name="lab",
    help="Jemput Bola: simulation, faults and measurements.",
    help_format="plaintext",
    result_action="return_value",
)
console = Console()

Days = Annotated[int, Parameter(help="calendar days, from the city's first day on", validator=Number(gte=1))]
Mutant = Literal["inbox-off", "mark-first", "ack-first"]
Seed = Annotated[int, Parameter(help="the same seed gives the same story")]


@app.command(name="demo")
def _demo(seed: Seed = 1) -> int:
    """Thirty days of Rejang Lebong on a fresh system; writes build/demo.html and build/demo.json."""
    from lab.demo import demo

    return demo(console, seed)


@app.command(name="up")
def _up(*, empty: Annotated[bool, Parameter(negative="", help="without the simulation")] = False) -> None:
    """Simulate the 30 days up to today where there are no data yet, then run everything until Ctrl-C."""
    from lab.seeding import DAYS, mark_used, seed
    from ops.paths import DEFAULT_DATA
    from ops.up import up

    seed(console, DEFAULT_DATA, 0 if empty else DAYS)
    up(console, on_start=lambda: mark_used(DEFAULT_DATA))


@app.command(name="simulate")
def _simulate(city: str = "rejang-lebong", days: Days = 30, seed: Seed = 1) -> int:
    """Simulate an office on a fresh system; writes build/simulate.json and build/simulate.html.

    1 when something does not add up: lost, doubled, a shortage that nobody was told of, or a step that was due by
    the last evening and was not taken. What is due later is told as under way, and is no fault.
    """
    from lab.demo import city_named, told

    return told(console, city_named(city), days, seed, "simulate")


@app.command(name="residents")
def _residents() -> None:
    """Write the lists of made-up residents of the four cities anew, into lab/simulate/population/data."""
    from lab.simulate import CITIES
    from lab.simulate.population.resident_list import path_of, sheet, write

    for city in CITIES.values():
        residents = sheet(city, 1)
        path_of(city).write_text(write(residents))
        console.print(f"{path_of(city).name}: {len(residents)} warga sintetis")


@app.command(name="faults")
def _faults(n: int = 100, seed: Seed = 1, cluster: Literal[1, 3] = 1, mutant: Mutant | None = None) -> int:
    """Kill and pause servers under load, and count what is lost; with --mutant a guarantee is broken on purpose."""
    from lab.faults import main

    return main(n, seed, cluster, mutant)


@app.command(name="bench")
def _bench() -> int:
    """Measure throughput and latency."""
    from lab.bench import main

    return main()


def main() -> NoReturn:
    """Run a command and end the process with its code."""
    from lab.simulate.service_client import CommandRejected

    run(app, CommandRejected)
