"""A business clock that is right for whatever a test sends, where the test is about something else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from shared.database.pool import Database
from shared.reference.device_time import is_ahead

SET = "update business_clock set at = $1"


@asynccontextmanager
async def right_for(db: Database, at: object) -> AsyncIterator[None]:
    """While a command of `at` is taken, the clock shows that if it would else be refused; then it goes on as before.

    It is not ticked: nothing falls due by this.
    """
    moment = _read(at)
    async with db.connection() as conn:
        before = await conn.fetchval("select at from business_clock") if moment else None
        wrong = moment is not None and before is not None and is_ahead(moment, before)
        if wrong:
            await conn.execute(SET, moment)
    yield
    if wrong:
        async with db.connection() as conn:
            await conn.execute(SET, before)


def _read(at: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.year < 2100 else None
