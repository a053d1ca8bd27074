"""From whatever id a person has in hand to the request it belongs to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ops.admin.connections import database
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from shared.connection import Session

_AROUND = timedelta(minutes=10)
_ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

# $1 the id; $2 and $3 bound the time when an outbox row with it was written, for it has no index by event.
_REQUESTS = """
select id::text as request from request where id = $1
union all select request_id::text from case_file where id = $1
union all select key from outbox where event_id = $1 and recorded_at between $2 and $3 and topic = 'requests'
"""
_DISPATCH = """
select request_id::text as request from cases where case_id = $1
union all select c.request_id::text from visit v join cases c using (case_id) where v.visit_id = $1
union all select c.request_id::text from print_attempt p join cases c using (case_id) where p.print_id = $1
union all select c.request_id::text from outbox o join cases c on c.case_id::text = o.key
where o.event_id = $1 and o.recorded_at between $2 and $3 and o.topic = 'cases'
"""
_OF_PRINT = "select print_id from movement where event_id = $1 and print_id is not null"
_STORY = "select request_id::text as request from cases where story = $1 limit 1"


async def request_of(where: Reachable, given: str) -> UUID:
    """The request's id. Raises PlatformError for what is no id, or belongs to no request."""
    try:
        wanted = UUID(given)
    except ValueError:
        raise PlatformError(
            f"{given!r} bukan id", "tulis id permohonan, berkas, kunjungan, cetakan, peristiwa atau korelasi"
        ) from None
    for look in (_in_requests, _in_dispatch, _in_inventory, _by_story):
        if found := await look(where, wanted):
            return UUID(found)
    raise PlatformError(
        f"tidak ada permohonan dengan id {given}",
        "periksa id-nya; peristiwa yang lebih tua dari 14 hari dicari dengan id permohonan atau berkasnya",
    )


async def _in_requests(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "requests") as conn:
        return await _first(conn, _REQUESTS, wanted)


async def _in_dispatch(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "dispatch") as conn:
        return await _first(conn, _DISPATCH, wanted)


async def _in_inventory(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "inventory") as conn:
        print_id = await conn.fetchval(_OF_PRINT, wanted)
    return await _in_dispatch(where, print_id) if print_id else None


async def _by_story(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "dispatch") as conn:
        found: str | None = await conn.fetchval(_STORY, wanted)
        return found


async def _first(conn: Session, query: str, wanted: UUID) -> str | None:
    found: str | None = await conn.fetchval(query, wanted, *_written_around(wanted))
    return found


def _written_around(event_id: UUID) -> tuple[datetime, datetime]:
    """A UUIDv7 says when it was drawn; its outbox row was written in the same moment."""
    if event_id.version != 7:
        return _ALWAYS
    drawn = datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
    return drawn - _AROUND, drawn + _AROUND
