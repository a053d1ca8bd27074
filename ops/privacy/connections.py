"""Connections to the running system's databases and keyring, and in whose name a command acts."""

import getpass
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from ops.paths import DEFAULT_DATA
from ops.platform import PlatformError
from ops.system.discovery import find_system
from services.requests.attachments.object_store import ObjectStore
from services.requests.encryption import RotationIncomplete, UnknownMasterKey, Vault
from shared.database.connection import Session
from shared.database.pool import Database
from shared.problems import Problem
from shared.security.auth import Identity, Role
from shared.security.encryption import InvalidTag


def keyring_file(given: Path | None) -> Path:
    """The keyring: as given, as PERSON_KEY_FILE says, or this clone's own. Raises PlatformError without one."""
    file = given or Path(os.environ.get("PERSON_KEY_FILE") or DEFAULT_DATA / "keys" / "person.key")
    if not file.is_file():
        raise PlatformError(f"there is no keyring at {file}", "say where it is: --keys FILE, or PERSON_KEY_FILE")
    return file


@asynccontextmanager
async def requests_database() -> AsyncIterator[Database]:
    """The database of requests; refusals come out as a problem with its remedy."""
    with refusals_as_platform_errors():
        db = await Database.connect(find_system(DEFAULT_DATA).dsn("requests"), size=2, name="ops")
        try:
            yield db
        finally:
            await db.close()


@asynccontextmanager
async def reading(service: str) -> AsyncIterator[Session]:
    """A service's database as it is at one moment, for reading."""
    conn = await asyncpg.connect(find_system(DEFAULT_DATA).dsn(service), timeout=5)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            yield conn
    finally:
        await conn.close(timeout=5)


class refusals_as_platform_errors:  # noqa: N801  a context, used like a function
    """Refusals of the domain, as the command line tells them."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Problem):
            raise PlatformError(error.detail, error.rule or "perbaiki, lalu ulangi") from error
        if isinstance(error, RotationIncomplete):
            raise PlatformError(f"the rotation is not finished: {error}", "mend that, and run it again") from error
        if isinstance(error, (UnknownMasterKey, InvalidTag)):
            raise PlatformError(
                f"the keyring does not open this database: {error or 'wrong key'}", "see docs/privacy.md"
            ) from error


def vault(given: Path | None) -> Vault:
    """The keys. Raises PlatformError when the file is no keyring."""
    file = keyring_file(given)
    try:
        return Vault(file)
    except (OSError, ValueError) as error:
        raise PlatformError(str(error), f"see {file}") from error


def file_store() -> ObjectStore:
    """Where the files of papers are: as ATTACHMENTS_URL says, or this clone's own folder."""
    return ObjectStore(os.environ.get("ATTACHMENTS_URL") or (DEFAULT_DATA / "attachments").absolute().as_uri())


def operator() -> Identity:
    """Who runs this command, as the audit names them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = str(os.getuid())
    return Identity.of(f"ops:{name}", Role.OPS, "")


def from_standard_input(question: str) -> str:
    """A line that must not stand in a process list; typed at a terminal it is not shown."""
    return (getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()).strip()
