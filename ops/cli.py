"""The commands of `python -m ops`. What goes wrong is said as a problem and its remedy; exit code 1.

Ctrl-C ends with 130 and leaves nothing running.
"""

import os
import shutil
import signal
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console

from ops.platform import DEFAULT_DATA, PlatformError, clean_all
from shared.security.auth import Role

app = App(name="ops", help="Jemput Bola: perkakas operator.", help_format="plaintext", result_action="return_value")
console = Console(stderr=False)
errors = Console(stderr=True)
app.command("ops.mend.dlq:app", name="dlq", help="Messages that services set aside: list, show, replay, discard.")
app.command("ops.mend.outbox:app", name="outbox", help="What the services stated: status, replay --since.")
app.command("ops.mend.ledger:app", name="ledger", help="The ledger of blank cards: verify.")
app.command("ops.privacy.audit:app", name="audit", help="Who read whom: list, verify.")
app.command("ops.privacy.commands:app", name="privacy", help="Residents' rights and keys: export, erase, rotate.")
app.command("ops.keep.commands:backup", name="backup", help="Base backups: one now, or a list of those there are.")
app.command("ops.keep.commands:restore", name="restore", help="The stopped server's data from an archive.")
app.command("ops.reconcile.commands:reconcile", name="reconcile", help="Do the services agree? What is forgotten?")

Days = Annotated[int, Parameter(help="calendar days, from the city's first day on", validator=Number(gte=1))]
Mutant = Literal["inbox-off", "mark-first", "ack-first"]
Flag = Annotated[bool, Parameter(negative="")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="for programs")]
Who = Annotated[str, Parameter(name="--as", help="in whose name; else this machine's user")]
Seed = Annotated[int, Parameter(help="the same seed gives the same story")]


@app.command(name="demo")
def _demo(seed: Seed = 1) -> int:
    """Thirty days of Rejang Lebong on a fresh system; writes build/demo.html and build/demo.json."""
    from ops.demo import demo

    return demo(console, seed)


@app.command(name="up")
def _up(keep: Path | None = None, *, synchronous: bool = False, login: Flag = False, empty: Flag = False) -> None:
    """Run the whole system behind one origin, until Ctrl-C; --keep FOLDER archives the database's WAL there.

    The first time the 30 days up to today are simulated; not with --empty. --login fetches a Keycloak (170 MB, once)
    and lets persons log in there.
    """
    from ops.keep import Archive
    from ops.seeding import DAYS
    from ops.up import up

    up(console, Archive(keep, synchronous) if keep else None, login, days=0 if empty else DAYS)


@app.command(name="provision")
def _provision() -> None:
    """Make roles, databases and topics on DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS."""
    from ops.system.command import provision

    provision()


@app.command(name="simulate")
def _simulate(city: str = "rejang-lebong", days: Days = 30, seed: Seed = 1) -> int:
    """Simulate an office on a fresh system; writes build/simulate.json and build/simulate.html.

    1 when something does not add up: lost, doubled, a shortage that nobody was told of, or a step that was due by
    the last evening and was not taken. What is due later is told as under way, and is no fault.
    """
    from ops.demo import city_named, told

    return told(console, city_named(city), days, seed, "simulate")


@app.command(name="residents")
def _residents() -> None:
    """Write the lists of made-up residents of the four cities anew, into ops/simulate/data."""
    from ops.simulate import CITIES
    from ops.simulate.sheets import path_of, sheet, write

    for city in CITIES.values():
        residents = sheet(city, 1)
        path_of(city).write_text(write(residents))
        console.print(f"{path_of(city).name}: {len(residents)} warga sintetis")


@app.command(name="token")
def _token(role: Role, *more: Role, wilayah: str = "", hours: float = 12) -> None:
    """A token for roles in a wilayah, for a system that `up` or a trial in containers runs."""
    from ops.system import Issuer
    from ops.system.given import SECRETS

    if SECRETS.is_dir():
        issuer = Issuer(SECRETS)
        issuer.load()
    else:
        issuer = Issuer(DEFAULT_DATA / "keys")
        issuer.ensure()
    token = issuer.token(frozenset({role, *more}), wilayah, ttl=timedelta(hours=hours))
    console.print(token, soft_wrap=True, highlight=False)


@app.command(name="secrets")
def _secrets() -> None:
    """Make the secrets of a system in production in ./secrets/; what is there stays."""
    from ops.system import secrets

    for file in secrets.write():
        console.print(file)


@app.command(name="digests")
def _digests(
    file: Annotated[Path, Parameter(name="--file", help="the settings of docker compose")] = Path(".env"),
) -> int:
    """Write the digests of the images that are here into .env: then `docker compose up` runs these and no others."""
    from ops.digests import pin

    return pin(console, file)


@app.command(name="deliver", show=False)
def _deliver(source: Path, volumes: Path) -> None:
    """Give each container its secrets; what `docker compose up` runs first."""
    from ops.system import secrets

    told = {name: os.environ.get(name, "") for name in ("ENVIRONMENT", "SECRETS", "BIND_ADDRESS")}
    start = secrets.Start(told["ENVIRONMENT"], bool(told["SECRETS"]), told["BIND_ADDRESS"])
    secrets.deliver(source, volumes, start)


@app.command(name="lag")
def _lag(watch: Flag = False, as_json: Json = False) -> int:
    """What is unpublished and what is not taken yet, who takes it, and for how long it waits."""
    from ops.mend.lag import lag

    return lag(watch, as_json)


@app.command(name="prune")
def _prune(dry_run: Flag = False, as_json: Json = False, who: Who = "") -> int:
    """Delete now what the policy says was kept for long enough; the services do it daily by themselves."""
    from ops.mend.prune import prune
    from ops.mend.reach import operator

    return prune(dry_run, as_json, operator(who))


@app.command(name="trace")
def _trace(request: str, as_json: Json = False) -> int:
    """The whole life of one request across the services, by its id or that of a case, a visit, a print, an event."""
    from ops.mend.trace import trace

    return trace(request, as_json)


@app.command(name="doctor")
def _doctor(every: Annotated[bool, Parameter(name="--all", negative="")] = False, as_json: Json = False) -> int:
    """Check the machine, the packages and the running system, and say what is wrong and what to do."""
    from ops.mend.doctor import doctor

    return doctor(as_json, every)


@app.command(name="clean")
def _clean() -> None:
    """Remove this clone's data and what was built."""
    from ops.demo import BUILD

    clean_all(DEFAULT_DATA)
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
    # A supervisor's stop is a Ctrl-C: every `with` block ends in order. In a shell's background a Ctrl-C is
    # inherited as ignored, and Python leaves it so.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        code = app() or 0
    except PlatformError as error:
        _complain(error.problem, error.remedy)
        code = 1
    except KeyboardInterrupt:
        errors.print("[dim]dihentikan[/]")
        code = 130
    except Exception as error:
        if not _refused(error):
            raise
        _complain(f"a service did not do what it was asked: {error!r}", f"see the logs below {DEFAULT_DATA.name}/")
        code = 1
    sys.exit(code)


def _refused(error: Exception) -> bool:
    # Imported late: most commands need neither, and start twice as fast.
    import httpx

    from ops.simulate.line import Turned

    return isinstance(error, (Turned, httpx.TransportError))


def _complain(problem: str, remedy: str) -> None:
    errors.print(f"[bold red]{problem}[/]\n  → {remedy}", highlight=False, markup=True)
