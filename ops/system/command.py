"""Commands on the system's parts: make what the services need, and say what is outstanding."""

import asyncio

from rich.console import Console
from rich.table import Table

from ops.platform import DEFAULT_DATA
from ops.system import provision as provisioning
from ops.system.given import given
from ops.system.quiet import Look, Quiet
from ops.system.rights import PRINCIPALS
from ops.system.running import running
from ops.system.services import SERVICES
from shared.kafka import KafkaSettings


def provision() -> None:
    """Roles, databases, topics, and where brokers ask for names those too, on the servers that we are given.

    Safe to repeat. DATABASE_URL is a superuser's, a role's password is <SERVICE>_PASSWORD, the password of a
    principal of the brokers <PRINCIPAL>_KAFKA_PASSWORD; each may be a secret's file instead (`given`).
    """
    passwords = {name: given(f"{name}.password") for name in SERVICES}
    database = given("database_url")
    brokers = KafkaSettings(kafka_bootstrap_servers=given("kafka_bootstrap_servers")).brokers
    asyncio.run(provisioning.everything(database, passwords, brokers))
    if brokers.protocol != "PLAINTEXT":
        principals = {name: given(f"{name}.kafka_password") for name in PRINCIPALS}
        asyncio.run(provisioning.access(brokers, principals))


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
