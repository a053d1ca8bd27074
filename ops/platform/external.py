"""Servers that somebody else runs, named by the environment."""

import os
import socket
from urllib.parse import urlsplit, urlunsplit

from ops.platform.errors import PlatformError

DATABASE_URL = "DATABASE_URL"
KAFKA_BOOTSTRAP_SERVERS = "KAFKA_BOOTSTRAP_SERVERS"


def given(variable: str) -> str | None:
    """The variable's value if it has one."""
    return os.environ.get(variable) or None


def not_ours(what: str, variable: str) -> PlatformError:
    """The error for whoever wants to stop, pause or kill a server that is not ours."""
    return PlatformError(
        f"{what} is given from outside by {variable}, so it cannot be stopped, paused or killed",
        f"unset {variable} to use the embedded one",
    )


def require_reachable(what: str, variable: str, addresses: list[tuple[str, int]]) -> None:
    """Refuse an address at which nobody listens."""
    for address in addresses:
        try:
            socket.create_connection(address, timeout=3).close()
            return
        except OSError:
            continue
    raise PlatformError(
        f"{what} does not answer at {variable}={os.environ.get(variable)}",
        f"start it, or unset {variable} to use the embedded one",
    )


def kafka_addresses(bootstrap_servers: str) -> list[tuple[str, int]]:
    """Host and port of each of the listed brokers."""
    pairs = [entry.strip().rpartition(":") for entry in bootstrap_servers.split(",")]
    try:
        return [(host.strip("[]"), int(port)) for host, _, port in pairs]
    except ValueError:
        raise PlatformError(
            f"{KAFKA_BOOTSTRAP_SERVERS}={bootstrap_servers} is no list of host:port",
            "correct it, or unset it",
        ) from None


def database_address(url: str) -> tuple[str, int]:
    """Host and port of a database URL."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "localhost", parts.port or 5432
    except ValueError:
        raise PlatformError(f"{DATABASE_URL}={url} is no address", "correct it, or unset it") from None


def with_database(url: str, database: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
