"""Connections to a running system. Whatever does not answer is a PlatformError that says what to do."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

import asyncpg
from aiokafka.errors import KafkaError

from ops.paths import DEFAULT_DATA
from ops.platform import PlatformError
from ops.system.discovery import Reachable, RunningSystem, find_system
from ops.system.services import SERVICES
from shared.database.connection import Session
from shared.database.errors import TRANSIENT_ERRORS
from shared.system_clock import utc_now

T = TypeVar("T")


def running_system() -> RunningSystem:
    """The system that commands inspect. Raises PlatformError when there is none."""
    return find_system(DEFAULT_DATA)


@asynccontextmanager
async def database(where: Reachable, service: str) -> AsyncIterator[Session]:
    """A connection to a service's database, as that service. Raises PlatformError for whatever goes wrong with it."""
    try:
        settings = {"application_name": "ops", "jit": "off"}
        conn = await asyncpg.connect(where.dsn(service), timeout=5, command_timeout=300, server_settings=settings)
        try:
            yield conn
        finally:
            await asyncio.wait_for(asyncio.shield(conn.close(timeout=2)), 3)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise PlatformError(
            f"skema database {service} bukan dari versi ini ({error})",
            f"jalankan layanan {service} versi ini dahulu: migrasi dikerjakannya saat mulai",
        ) from None
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise PlatformError(
            f"database {service} menolak sandi", f"periksa {service.upper()}_DATABASE_URL atau berkas rahasianya"
        ) from None
    except (*TRANSIENT_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise PlatformError(
            f"database {service} tidak menjawab ({type(error).__name__})",
            "periksa PostgreSQL; perintah ini aman diulang. `python -m ops doctor` memeriksa semuanya",
        ) from None


@asynccontextmanager
async def kafka_errors(where: Reachable) -> AsyncIterator[None]:
    """Whatever Kafka refuses inside becomes a PlatformError."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise PlatformError(
            f"Kafka di {where.bootstrap_servers} tidak menjawab ({type(error).__name__})",
            "periksa broker; perintah ini aman diulang. `python -m ops doctor` memeriksa semuanya",
        ) from None


async def query_each(
    where: Reachable, look: Callable[[str, Session], Awaitable[T]], services: tuple[str, ...] = SERVICES
) -> tuple[dict[str, T], list[PlatformError]]:
    """Run `look` on several databases at once. Returns its results by service, and the errors of those that did
    not answer."""

    async def one(service: str) -> T | PlatformError:
        try:
            async with database(where, service) as conn:
                return await look(service, conn)
        except PlatformError as error:
            return error

    answers = dict(zip(services, await asyncio.gather(*map(one, services)), strict=True))
    found = {name: answer for name, answer in answers.items() if not isinstance(answer, PlatformError)}
    return found, [answer for answer in answers.values() if isinstance(answer, PlatformError)]


def require_all(answers: tuple[dict[str, T], list[PlatformError]]) -> dict[str, T]:
    """The answers, if everybody answered. Raises PlatformError else."""
    found, away = answers
    if away:
        raise away[0]
    return found


def operator(named: str = "") -> str:
    """In whose name a change is recorded: as named, else this machine's user."""
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return f"uid {os.getuid()}"


_UNITS = {"m": "minutes", "h": "hours", "j": "hours", "d": "days"}


def parse_time(text: str) -> datetime:
    """ "2026-04-06T08:00+07:00", "2026-04-06" or, back from now, "90m", "2h", "3d". Raises PlatformError."""
    try:
        if text[-1:] in _UNITS:
            return utc_now() - timedelta(**{_UNITS[text[-1]]: float(text[:-1])})
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise PlatformError(
            f"{text!r} bukan waktu", 'tulis seperti "2026-04-06T08:00+07:00", "2026-04-06", "90m", "2h" atau "3d"'
        ) from None
