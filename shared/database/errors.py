"""The errors of the database that are transient: the same call can succeed later."""

import asyncpg

TRANSIENT_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server closed the connection during a call, for instance after a long pause
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.LockNotAvailableError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # for instance a database that accepts no connections for now
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # a migration changed what a prepared statement returns; prepare it again
    asyncpg.ReadOnlySQLTransactionError,  # the server is in recovery, or is no longer the primary
)
"""Transient errors: retry the call. Any other error occurs again on each retry."""
