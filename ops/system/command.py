"""Commands on the system's parts: make what the services need, and say what is outstanding."""

import asyncio
import os

from rich.console import Console
from rich.table import Table

from ops.platform import DEFAULT_DATA, PlatformError
from ops.system import provision as provisioning
from ops.system.quiet import Look, Quiet
from ops.system.running import running
from ops.system.services import SERVICES


def provision() -> None:
    """Roles, databases and topics on the servers that the environment names; safe to repeat.

    A role's password is <SERVICE>_PASSWORD of the environment.
    """
    try:
        passwords = {name: os.environ[f"{name.upper()}_PASSWORD"] for name in SERVICES}
        database, brokers = os.environ["DATABASE_URL"], os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    except KeyError as missing:
        raise PlatformError(f"{missing.args[0]} is not set", "set it, and try again") from None
    asyncio.run(provisioning.everything(database, passwords, brokers))


def lag(console: Console) -> None:
    """One look at a running system."""
    look = asyncio.run(_look())
    table = Table("what", "outstanding", title="Unpublished facts and untaken events", title_justify="left")
    for name, count in look.unpublished.items():
        table.add_row(f"outbox {name}", str(count))
    for group, count in look.lag.items():
        table.add_row(f"group {group}", str(count))
    console.print(table)


async def _look() -> Look:
    async with Quiet(running(DEFAULT_DATA)) as quiet:
        return await quiet.look()
