"""Whose person was destroyed; and whose time has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.database.connection import Connection
from shared.reference.device_time import HOURS


def ended(told: str, received: str) -> str:
    """When something ended, as SQL: as it was told, but not before it was received, nor a day after. Of what ended
    in an older version the receipt is not known."""
    return f"greatest(least({told}, {received} + interval '{HOURS} hours'), {received})"


# A card in a hand closes a case when it was handed over, a visit when it showed that no card is due, or dispatch when
# it said so; else the letter's decision did. By business time: what a simulation lives through in a minute ages with
# its own clock. What a device says of before the receipt, or of a day after it, changes nothing.
_EXPIRED = f"""
select p.case_id from person p
join case_file c on c.id = p.case_id
cross join business_clock b
left join lateral (
    select max(s.at) as at from step s where s.case_id = c.id and s.stage in ('handed_over', 'rejected', 'cancelled')
) told on true
where not p.open and c.stage in ('handed_over', 'rejected', 'cancelled')
and case when c.stage = 'handed_over' then {ended("told.at", "p.closed_at")} < b.at - $1::interval
    else {ended("greatest(c.closed_at, told.at)", "p.closed_at")} < b.at - $2::interval end
limit $3
"""  # noqa: S608  our own words


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person was destroyed, on what ground, by whom and when (wall clock)."""

    case_id: UUID
    ground: str
    erased_by: str
    erased_at: datetime

    @classmethod
    def read(cls, line: Mapping[str, str]) -> "Erasure":
        """Of a line that was written down. Raises KeyError or ValueError when it is none."""
        at = datetime.fromisoformat(line["erased_at"])
        return cls(UUID(line["case_id"]), line["ground"], line["erased_by"], at)


async def note(conn: Connection, case_id: UUID, ground: str, by: str) -> None:
    """Write an erasure down; the first one counts."""
    await conn.execute(
        "insert into erasure (case_id, ground, erased_by) values ($1, $2, $3) on conflict do nothing",
        *(case_id, ground, by),
    )


async def restore(conn: Connection, erasure: Erasure) -> None:
    """Write down one that this database has forgotten."""
    await conn.execute(
        "insert into erasure (case_id, ground, erased_by, erased_at) values ($1, $2, $3, $4) on conflict do nothing",
        *(erasure.case_id, erasure.ground, erasure.erased_by, erasure.erased_at),
    )


async def of_case(conn: Connection, case_id: UUID) -> Erasure | None:
    """The erasure of a case's person."""
    row = await conn.fetchrow("select case_id, ground, erased_by, erased_at from erasure where case_id = $1", case_id)
    return Erasure(*row) if row else None


async def all_of(conn: Connection) -> list[Erasure]:
    """All of them, the oldest first."""
    rows = await conn.fetch("select case_id, ground, erased_by, erased_at from erasure order by erased_at, case_id")
    return [Erasure(*row) for row in rows]


async def expired(conn: Connection, with_card: timedelta, without_card: timedelta, limit: int) -> list[UUID]:
    """Closed cases whose persons were kept for long enough, by the business clock of this service."""
    return [row["case_id"] for row in await conn.fetch(_EXPIRED, with_card, without_card, limit)]
