"""The command that makes what the services need."""

import asyncio
import os

from ops.platform import PlatformError
from ops.system import provision as provisioning
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
