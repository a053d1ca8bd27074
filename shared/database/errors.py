"""Which errors of a database pass by themselves."""

import asyncpg

TRANSIENT_ERRORS = (
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
"""Transient errors: try again. Anything else fails the same way each time."""
