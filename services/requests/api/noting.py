"""What a command that failed told of others is written down all the same, in a transaction of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.requests import privacy as auditing
from services.requests.usecases.filing import Elsewhere
from shared.auth import Identity
from shared.db import Database


@asynccontextmanager
async def matches_noted(db: Database, who: Identity) -> AsyncIterator[None]:
    """Run a command; that the caller met open cases outside of the wilayah is in the audit before the answer."""
    try:
        yield
    except Elsewhere as problem:
        async with db.transaction() as conn:
            await auditing.note_matches(conn, who, problem.elsewhere)
        raise
