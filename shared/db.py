"""PostgreSQL: one pool a process, one transaction a message or command, numbered SQL migrations.

Only `transaction()` commits. A state change, its inbox row and its outbox rows are one transaction.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from shared import outbox
from shared.connection import Connection, Pool, Session
from shared.seal import new_key

TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's farewell came in the middle of a call, as after a long pause
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # such as a database that takes no connections for now
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # a migration changed what a prepared statement returns; it is prepared anew
    asyncpg.ReadOnlySQLTransactionError,  # a server that still recovers, or whose place another one took
)
"""Trouble that passes: try again. Anything else fails the same way each time."""

SESSION = {
    # A transaction that nobody finishes would hold its locks, and the relay's floor, for ever.
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "20s",
    "jit": "off",
}


class Database:
    """A pool, and what to do after a commit that wrote to the outbox."""

    def __init__(self, pool: Pool, command_key: bytes) -> None:
        self.pool = pool
        self.command_key = command_key
        self.after_outbox: Callable[[], None] = lambda: None

    @classmethod
    async def connect(
        cls, dsn: str, *, size: int = 8, name: str = "jemput-bola", command_key: bytes | None = None
    ) -> "Database":
        """Open the pool. Raises one of TRANSIENT when the database does not answer.

        Without a `command_key` a repeat of a command is known to this pool alone.
        """
        settings = {**SESSION, "application_name": name}
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            command_timeout=30,
            timeout=5,
            server_settings=settings,
            reset=_as_it_is,
        )
        return cls(pool, command_key or new_key())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction on one connection; wakes the relay once it is committed."""
        token = outbox.written.set([])
        try:
            async with self.pool.acquire() as conn, conn.transaction():
                yield conn
            if outbox.written.get():
                self.after_outbox()
        finally:
            outbox.written.reset(token)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for reading, outside a transaction."""
        async with self.pool.acquire() as conn:
            yield conn

    async def close(self) -> None:
        """Close the pool; connections that do not end within some seconds are cut."""
        try:
            async with asyncio.timeout(5):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


async def _as_it_is(conn: Session) -> None:
    """A connection goes back without a round trip: nobody here changes a session. A transaction that is still open
    is rolled back before."""


MESSAGING = Path(__file__).parent / "migrations"


async def migrate(conn: Session, *folders: Path) -> list[str]:
    """Apply the numbered SQL files of each folder that the database does not have yet, in order.

    One process at a time, by an advisory lock; each file in a transaction of its own. Returns the names
    applied. Raises RuntimeError when a file that was applied has changed since.
    """
    await conn.execute("select pg_advisory_lock(hashtext('migrate'))")
    try:
        await conn.execute(
            "create table if not exists migration (name text primary key, digest text not null,"
            " applied_at timestamptz not null default now())"
        )
        known = {r["name"]: r["digest"] for r in await conn.fetch("select name, digest from migration")}
        applied = []
        for file in (file for folder in folders for file in sorted(folder.glob("[0-9]*.sql"))):
            name, sql = f"{file.parent.parent.name}/{file.stem}", file.read_text()
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if name not in known:
                async with conn.transaction():
                    await conn.execute(sql)
                    await conn.execute("insert into migration (name, digest) values ($1, $2)", name, digest)
                applied.append(name)
            elif known[name] != digest:
                raise RuntimeError(f"{name} was applied and has changed since: add a new migration instead")
        return applied
    finally:
        await conn.execute("select pg_advisory_unlock(hashtext('migrate'))")
