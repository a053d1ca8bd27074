"""How many requests of a wilayah wait for what: the sentence above the work list."""

from dataclasses import dataclass

from services.requests.domain.stages import OPEN, UNPRINTED
from shared.connection import Connection

# From the open cases, of which there are few. A drive that waits for its list of residents has none yet.
_TALLY = """
with running as (
    select c.request_id,
        bool_or(c.stage = 'filed' and c.missing <> '{}') as lacking,
        bool_or(c.stage = 'scheduled') as scheduled,
        bool_or(c.stage = 'printed') as printed,
        bool_or(exists (
            select from overdue o where o.request_id = c.request_id
            and (o.stage = c.stage or (o.stage = 'accepted' and c.stage = any($3)))
        )) as late
    from case_file c
    where c.stage = any($2) and ($1 = '' or c.kelurahan = $1 or starts_with(c.kelurahan, $1 || '.'))
    group by c.request_id
)
select count(*) + (
        select count(*) from request r where r.stage = 'filed' and r.kind = 'drive'
        and ($1 = '' or r.kelurahan = $1 or starts_with(r.kelurahan, $1 || '.'))
        and not exists (select from case_file c where c.request_id = r.id)
    ) as running,
    count(*) filter (where lacking) as lacking,
    count(*) filter (where scheduled) as scheduled,
    count(*) filter (where printed) as printed,
    count(*) filter (where late) as late
from running
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests with an open case: all of them, those with a case at a stage, and those past a limit."""

    running: int
    lacking: int
    scheduled: int
    printed: int
    late: int


async def tally(conn: Connection, wilayah: str) -> Tally:
    """The counts of a wilayah, as it is now."""
    row = await conn.fetchrow(_TALLY, wilayah, OPEN, UNPRINTED)
    assert row is not None
    return Tally(**row)
