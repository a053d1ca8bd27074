"""The letter numbers that a kelurahan has used."""

from datetime import date

from services.requests.domain.letter_numbers import Used, spellings
from shared.database.connection import Connection


async def used(conn: Connection, kelurahan: str, number: str, year: int) -> Used | None:
    """The first request of that year with this number, unless it was rejected or cancelled."""
    row = await conn.fetchrow(
        "select letter_date, (select tracking from case_file c where c.request_id = r.id order by place limit 1)"
        " from request r where kelurahan = $1 and letter_number = any($2) and stage in ('filed', 'accepted')"
        " and date_part('year', letter_date) = $3 order by id limit 1",
        *(kelurahan, spellings(number), year),
    )
    return Used(*row) if row else None


async def last(conn: Connection, kelurahan: str) -> tuple[str, date] | None:
    """Number and date of the letter that came last; None before the first."""
    row = await conn.fetchrow(
        "select letter_number, letter_date from request where kelurahan = $1 order by id desc limit 1", kelurahan
    )
    return (row["letter_number"], row["letter_date"]) if row else None
