"""Type names of a database connection and a pool."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    Session = asyncpg.Connection[asyncpg.Record]
    Connection = Session | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:  # asyncpg's classes cannot be subscripted at run time
    Session = Connection = Pool = Any
