"""The commands of `python -m ops`. What goes wrong is said as a problem and its remedy; exit code 1.

Ctrl-C ends with 130 and leaves nothing running.
"""

import asyncio
import shutil
import signal
import sys
from datetime import timedelta
from importlib import import_module
from typing import Annotated, Literal, NoReturn

import httpx
from cyclopts import App, Parameter
from rich.console import Console

from ops.demo import BUILD, city_named, demo, show, tell
from ops.platform import DEFAULT_DATA, Platform, PlatformError
from ops.simulate.line import Turned
from shared.auth import Role

app = App(name="ops", help="Jemput Bola: perkakas operator.", help_format="plaintext", result_action="return_value")
# Imported when they are called.
app.command("ops.privacy.commands:app", name="privacy", help="Kunci, dan hak warga atas datanya.")
app.command("ops.privacy.audit:app", name="audit", help="Siapa membuka data siapa, dan utuhkah catatannya.")
console = Console(stderr=False)
errors = Console(stderr=True)

Days = Annotated[int, Parameter(help="calendar days, from the city's first day on")]
Mutant = Literal["inbox-off", "mark-first", "ack-first"]
Seed = Annotated[int, Parameter(help="the same seed gives the same story")]


@app.command(name="demo")
def _demo(seed: Seed = 1) -> int:
    """Thirty days of Rejang Lebong on a fresh system; writes build/demo.html and build/demo.json."""
    return demo(console, seed)


@app.command(name="up")
def _up() -> None:
    """Run the whole system behind one origin, until Ctrl-C."""
    from ops.up import up

    up(console)


@app.command(name="scheduler")
def _scheduler(*urls: str, token: str) -> None:
    """Send ticks of the wall clock to the services at these addresses, until Ctrl-C."""
    from ops import scheduler

    asyncio.run(scheduler.run({url: url for url in urls}, lambda: token, console.print))


@app.command(name="provision")
def _provision() -> None:
    """Make roles, databases and topics on DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS."""
    from ops.system.command import provision

    provision()


@app.command(name="simulate")
def _simulate(city: str = "rejang-lebong", days: Days = 30, seed: Seed = 1) -> int:
    """Simulate an office on a fresh system; writes build/simulate.json and build/simulate.html."""
    story = tell(console, city_named(city), days, seed, "simulate")
    show(console, story)
    console.print("build/simulate.json, build/simulate.html")
    return 0


@app.command(name="token")
def _token(role: Role, wilayah: str = "", hours: float = 12) -> None:
    """A development token for a role in a wilayah, signed by this clone's own key."""
    from ops.system import Issuer

    issuer = Issuer(DEFAULT_DATA / "keys")
    issuer.ensure()
    console.print(issuer.token(role, wilayah, ttl=timedelta(hours=hours)), soft_wrap=True, highlight=False)


@app.command(name="secrets")
def _secrets() -> None:
    """Make what `docker compose up` needs in ./secrets/; what is there stays."""
    from ops.system import secrets

    for file in secrets.write():
        console.print(file)


@app.command(name="lag")
def _lag() -> None:
    """What is unpublished and what is not taken yet, in the system that `up` runs."""
    from ops.system.command import lag

    lag(console)


@app.command(name="clean")
def _clean() -> None:
    """Remove this clone's data and what was built."""
    # Each system has a folder of its own, told by its lock; its database may lie elsewhere, so each is asked.
    for lock in sorted(DEFAULT_DATA.glob("*/lock")):
        Platform(lock.parent).clean()
    if DEFAULT_DATA.exists():
        Platform(DEFAULT_DATA).clean()
    shutil.rmtree(BUILD, ignore_errors=True)


@app.command(name="faults")
def _faults(n: int = 100, seed: Seed = 1, cluster: Literal[1, 3] = 1, mutant: Mutant | None = None) -> int:
    """Kill and pause servers under load, and count what is lost; with --mutant a guarantee is broken on purpose."""
    return int(import_module("ops.faults").main(n, seed, cluster, mutant) or 0)


@app.command(name="bench")
def _bench() -> int:
    """Measure throughput and latency."""
    return int(import_module("ops.bench").main() or 0)


@app.command(name="docs")
def _docs(check: bool = False) -> int:
    """Generate the documents that follow from the code; with --check only compare them."""
    return int(import_module("ops.docs").main(check) or 0)


def main() -> NoReturn:
    """Run a command and end the process with its code."""
    # A supervisor's stop is a Ctrl-C: every `with` block ends in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = app() or 0
    except PlatformError as error:
        _complain(error.problem, error.remedy)
        code = 1
    except (Turned, httpx.TransportError) as error:
        _complain(f"a service did not do what it was asked: {error!r}", f"see the logs below {DEFAULT_DATA.name}/")
        code = 1
    except KeyboardInterrupt:
        errors.print("[dim]dihentikan[/]")
        code = 130
    sys.exit(code)


def _complain(problem: str, remedy: str) -> None:
    errors.print(f"[bold red]{problem}[/]\n  → {remedy}", highlight=False, markup=True)
