"""PostgreSQL: one pool a process, one transaction a message or command.

Only `transaction()` commits. A state change, its inbox row and its outbox rows are one transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

import asyncpg

from shared.database.connection import Connection, Pool, Session
from shared.security.encryption import new_key

outbox_ids: ContextVar[list[int]] = ContextVar("outbox_ids")
"""The ids of the outbox rows that the transaction under way has written."""
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
        token = outbox_ids.set([])
        try:
            async with self.pool.acquire() as conn, conn.transaction():
                yield conn
            if outbox_ids.get():
                self.after_outbox()
        finally:
            outbox_ids.reset(token)

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
