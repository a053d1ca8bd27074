"""The connection pool: one pool for each process, one transaction for each message or command.

Only `Database.transaction` commits. A state change, its inbox row and its outbox rows are in one transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

import asyncpg

from shared.database.connection import Connection, Pool, Session
from shared.security.encryption import new_key

outbox_ids: ContextVar[list[int]] = ContextVar("outbox_ids")
"""The ids of the outbox rows that the current transaction has written."""
SESSION_SETTINGS = {
    # A transaction that is never finished would hold its locks, and the relay's floor, without end.
    "idle_in_transaction_session_timeout": "30s",
    "lock_timeout": "20s",
    "jit": "off",
}


class Database:
    """A connection pool. It calls `after_outbox` after each commit that wrote to the outbox."""

    def __init__(self, pool: Pool, command_key: bytes) -> None:
        self.pool = pool
        self.command_key = command_key
        """The key of the digests by which repeated commands are recognised."""
        self.after_outbox: Callable[[], None] = lambda: None

    @classmethod
    async def connect(
        cls, dsn: str, *, size: int = 8, name: str = "jemput-bola", command_key: bytes | None = None
    ) -> "Database":
        """Open a pool of at most `size` connections. Raises one of TRANSIENT_ERRORS when the database is away.

        Without `command_key` a random key is used: then only this pool recognises a repeated command.
        """
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            command_timeout=30,
            timeout=5,
            server_settings={**SESSION_SETTINGS, "application_name": name},
            reset=_keep_session,
        )
        return cls(pool, command_key or new_key())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction on one connection. It commits at the end of the block, and then wakes the relay."""
        token = outbox_ids.set([])
        try:
            async with self.pool.acquire() as conn, conn.transaction():
                yield conn
            if outbox_ids.get():
                self.after_outbox()
        finally:
            outbox_ids.reset(token)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection outside a transaction, for statements that only read."""
        async with self.pool.acquire() as conn:
            yield conn

    async def close(self) -> None:
        """Close the pool. Connections that are still in use after 5 seconds are terminated."""
        try:
            async with asyncio.timeout(5):
                await self.pool.close()
        except TimeoutError:
            self.pool.terminate()


async def _keep_session(conn: Session) -> None:
    """Return a connection to the pool without a round trip: no code here changes session settings.

    The pool itself rolls an open transaction back before.
    """
