"""The residents of a request, a page at a time, as its roster and its slips are printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.store import reading
from services.requests.store.reading import RequestRow
from services.requests.store.tracking import cases as store
from services.requests.store.tracking.cases import SlipRow
from shared.database.pool import Database
from shared.security.auth import Identity


@dataclass(frozen=True, slots=True)
class Printed:
    """A page of a request's residents, without those whose case ended without a card."""

    request: RequestRow
    number: int
    most: int
    """Residents on one page."""
    rows: Sequence[SlipRow]
    residents: int
    """All residents of the request."""
    total: int
    """Those of them that are printed, on all pages together."""

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.most))

    @property
    def first(self) -> int:
        """The place of this page's first resident among those that are printed, from 1."""
        return (self.number - 1) * self.most + 1

    @property
    def has_lines(self) -> bool:
        """Whether any of them came with a list."""
        return any(row.line for row in self.rows)


async def page_of(db: Database, who: Identity, request_id: UUID, number: int, most: int) -> Printed | None:
    """None of a request that the caller may not know of."""
    async with db.connection() as conn:
        row = await reading.one(conn, request_id)
        if row is None or not who.sees(row.kelurahan):
            return None
        found = await store.slips(conn, request_id, most, (number - 1) * most)
        return Printed(row, number, most, found, *await store.counts(conn, request_id))
