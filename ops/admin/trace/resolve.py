"""Finds the request that an id belongs to: of a request, case, visit, print, event or correlation."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ops.admin.connections import database
from ops.platform import PlatformError
from ops.system.discovery import Reachable
from services.dispatch import maintenance as dispatch
from services.inventory import maintenance as inventory
from services.requests import maintenance as requests

_AROUND = timedelta(minutes=10)
_ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


async def request_of(where: Reachable, given: str) -> UUID:
    """The request's id. Raises PlatformError for what is no id, or belongs to no request."""
    try:
        wanted = UUID(given)
    except ValueError:
        raise PlatformError(
            f"{given!r} bukan id", "tulis id permohonan, berkas, kunjungan, cetakan, peristiwa atau korelasi"
        ) from None
    for look in (_in_requests, _in_dispatch, _in_inventory, _by_correlation):
        if found := await look(where, wanted):
            return UUID(found)
    raise PlatformError(
        f"tidak ada permohonan dengan id {given}",
        "periksa id-nya; peristiwa yang lebih tua dari 14 hari dicari dengan id permohonan atau berkasnya",
    )


async def _in_requests(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "requests") as conn:
        return await requests.request_of(conn, wanted, _written_around(wanted))


async def _in_dispatch(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "dispatch") as conn:
        return await dispatch.request_of(conn, wanted, _written_around(wanted))


async def _in_inventory(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "inventory") as conn:
        print_id = await inventory.print_of_event(conn, wanted)
    return await _in_dispatch(where, print_id) if print_id else None


async def _by_correlation(where: Reachable, wanted: UUID) -> str | None:
    async with database(where, "dispatch") as conn:
        return await dispatch.request_of_correlation(conn, wanted)


def _written_around(event_id: UUID) -> tuple[datetime, datetime]:
    """A UUIDv7 says when it was drawn; its outbox row was written in the same moment."""
    if event_id.version != 7:
        return _ALWAYS
    drawn = datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
    return drawn - _AROUND, drawn + _AROUND
