"""How many requests of a wilayah wait for what: the sentence above the work list."""

from dataclasses import dataclass

from services.requests.domain.stages import OPEN, State
from services.requests.store.limits import LATE
from services.requests.store.lists.listing import NEEDING, REFUSED
from services.requests.store.states import STATE, WAITING
from shared.database.connection import Connection

# From what is open, of which there is little. A drive that waits for its list of residents has no case yet.
_TALLY = f"""
with running as (
    select c.request_id, c.kelurahan,
        bool_or(c.stage = 'filed' and c.missing <> '{{}}') as lacking,
        bool_or(c.stage = 'scheduled') as scheduled,
        bool_or(c.stage = 'printed') as printed,
        bool_or({STATE} = '{State.AWAITING_DECISION}') as deciding
    from case_file c {WAITING} where c.stage = any($2) group by c.request_id, c.kelurahan
    union all
    select id, kelurahan, false, false, false, false from request r
    where stage = 'filed' and not exists (select from case_file c where c.request_id = r.id)
)
select count(*) as running,
    count(*) filter (where lacking) as lacking,
    count(*) filter (where scheduled) as scheduled,
    count(*) filter (where printed) as printed,
    count(*) filter (where deciding) as deciding,
    count(*) filter (where exists (select from ({LATE}) late where late.request_id = running.request_id)) as late
from running where $1 = '' or kelurahan = $1 or starts_with(kelurahan, $1 || '.')
"""  # noqa: S608  our own words


_NEEDING = f"""
select count(*) from request r where ($1 = '' or r.kelurahan = $1 or starts_with(r.kelurahan, $1 || '.'))
and r.id in ({NEEDING})
"""  # noqa: S608  our own words
_REFUSED = f"""
select count(distinct c.request_id) from case_file c where {REFUSED}
and ($1 = '' or c.kelurahan = $1 or starts_with(c.kelurahan, $1 || '.'))
"""  # noqa: S608  our own words


@dataclass(frozen=True, slots=True)
class WorklistCounts:
    """Requests that are open: all of them, those with a case at a stage, and those past a limit."""

    running: int
    lacking: int
    scheduled: int
    printed: int
    deciding: int
    late: int
    refused: int
    """With a case that was rejected within a day."""
    needing: int
    """All that need a clerk: see `listing.Filter.needing`."""


async def tally(conn: Connection, wilayah: str) -> WorklistCounts:
    """The counts of a wilayah, as it is now."""
    row = await conn.fetchrow(_TALLY, wilayah, OPEN)
    assert row is not None
    refused: int = await conn.fetchval(_REFUSED, wilayah)
    needing: int = await conn.fetchval(_NEEDING, wilayah)
    return WorklistCounts(**row, refused=refused, needing=needing)
