"""The visits of a day that are planned: where each is, and whom to open to know who. No person is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.requests.domain.finding import Span
from shared.contract.fields import ServiceCode
from shared.database.connection import Connection

_VISITS = """
select c.request_id, c.id as case_id, c.office, c.kelurahan, c.service, c.tracking, r.letter_number, r.place_name,
    s.starts_at, s.ends_at
from step s
join case_file c on c.id = s.case_id and c.step_sequence = s.sequence
join request r on r.id = c.request_id
where s.starts_at >= $3 and s.starts_at < $4 and c.stage = 'scheduled' and c.office = any($2)
and ($1 = '' or c.kelurahan = $1 or starts_with(c.kelurahan, $1 || '.'))
order by s.starts_at, c.kelurahan, c.request_id, c.place limit $5
"""


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A planned visit to one resident."""

    request_id: UUID
    case_id: UUID
    office: str
    kelurahan: str
    service: ServiceCode
    tracking: str | None
    letter_number: str
    place_name: str | None
    starts_at: datetime
    ends_at: datetime


async def of_day(conn: Connection, wilayah: str, spans: Sequence[Span], limit: int) -> list[PlannedVisit]:
    """The visits of a wilayah that begin in one of these spans, in their order."""
    found = []
    for offices, begins, ends in spans:
        found += [PlannedVisit(*row) for row in await conn.fetch(_VISITS, wilayah, offices, begins, ends, limit)]
    return sorted(found, key=lambda visit: visit.starts_at)[:limit]
