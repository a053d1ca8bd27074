"""The commands of `python -m ops`: what an operator runs."""

import os
import shutil
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, Parameter
from rich.console import Console

from ops.command_line import run
from ops.paths import BUILD, DEFAULT_DATA
from ops.platform import Platform
from shared.auth import Role

app = App(name="ops", help="Jemput Bola: perkakas operator.", help_format="plaintext", result_action="return_value")
console = Console(stderr=False)
app.command(
    "ops.admin.dead_letters:app", name="dlq", help="Messages that services set aside: list, show, replay, discard."
)
app.command("ops.admin.outbox:app", name="outbox", help="What the services stated: status, replay --since.")
app.command("ops.admin.ledger:app", name="ledger", help="The ledger of blank cards: verify.")
app.command("ops.privacy.audit:app", name="audit", help="Who read whom: list, verify.")
app.command("ops.privacy.commands:app", name="privacy", help="Residents' rights and keys: export, erase, rotate.")
app.command("ops.backup.commands:backup", name="backup", help="Base backups: one now, or a list of those there are.")
app.command("ops.backup.commands:restore", name="restore", help="The stopped server's data from an archive.")
app.command("ops.reconcile.commands:reconcile", name="reconcile", help="Do the services agree? What is forgotten?")

Flag = Annotated[bool, Parameter(negative="")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="for programs")]
Who = Annotated[str, Parameter(name="--as", help="in whose name; else this machine's user")]


@app.command(name="up")
def _up(keep: Path | None = None, *, synchronous: bool = False, login: Flag = False) -> None:
    """Run the whole system behind one origin, until Ctrl-C; --keep FOLDER archives the database's WAL there.

    --login fetches a Keycloak (170 MB, once) and lets persons log in there.
    """
    from ops.backup import Archive
    from ops.up import up

    up(console, Archive(keep, synchronous) if keep else None, login)


@app.command(name="provision")
def _provision() -> None:
    """Make roles, databases and topics on DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS."""
    from ops.system.provision_command import provision

    provision()


@app.command(name="token")
def _token(role: Role, *more: Role, wilayah: str = "", hours: float = 12) -> None:
    """A token for roles in a wilayah, for a system that `up` or a trial in containers runs."""
    from ops.system import Issuer
    from ops.system.read_secret import SECRETS

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
    from ops.admin.lag import lag

    return lag(watch, as_json)


@app.command(name="prune")
def _prune(dry_run: Flag = False, as_json: Json = False, who: Who = "") -> int:
    """Delete now what the policy says was kept for long enough; the services do it daily by themselves."""
    from ops.admin.connections import operator
    from ops.admin.prune import prune

    return prune(dry_run, as_json, operator(who))


@app.command(name="trace")
def _trace(request: str, as_json: Json = False) -> int:
    """The whole life of one request across the services, by its id or that of a case, a visit, a print, an event."""
    from ops.admin.trace import trace

    return trace(request, as_json)


@app.command(name="doctor")
def _doctor(every: Annotated[bool, Parameter(name="--all", negative="")] = False, as_json: Json = False) -> int:
    """Check the machine, the packages and the running system, and say what is wrong and what to do."""
    from ops.admin.doctor import doctor

    return doctor(as_json, every)


@app.command(name="clean")
def _clean() -> None:
    """Remove this clone's data and what was built."""
    # Each system has a folder of its own, told by its lock; its database may lie elsewhere, so each is asked.
    for lock in sorted(DEFAULT_DATA.glob("*/lock")):
        Platform(lock.parent).clean()
    if DEFAULT_DATA.exists():
        Platform(DEFAULT_DATA).clean()
    shutil.rmtree(BUILD, ignore_errors=True)


@app.command(name="docs")
def _docs(check: bool = False) -> int:
    """Generate the documents that follow from the code; with --check only compare them."""
    return int(import_module("ops.docs").main(check) or 0)


def main() -> NoReturn:
    """Run a command and end the process with its code."""
    run(app)
