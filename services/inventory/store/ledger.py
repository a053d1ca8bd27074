"""The ledger's movements by what caused them."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.database.connection import Connection


async def of_prints(conn: Connection, print_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """The cards that these attempts to print took."""
    return await conn.fetch(
        "select print_id, serial, kind::text, place, at, reference from movement"
        " where print_id = any($1) order by id",
        print_ids,
    )
