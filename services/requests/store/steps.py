"""The steps that dispatch tells of, folded by sequence: any order and any repetition give the same state."""

from collections.abc import Sequence

from services.requests.domain.stages import CLOSED, Step
from shared.connection import Connection

# Step by step the later sequence wins; a repeat adds nothing. A step that closes a case frees its NIK, in whatever
# order it is heard: nothing follows it. The cases are locked in the order of their ids, as commands lock them.
_ADD = """
with told as (
    insert into step (case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral)
    select case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral
    from unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[]) as t(case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral)
    order by case_id, sequence
    on conflict do nothing
), latest as (
    select distinct on (case_id) * from unnest($1::uuid[], $2::bigint[], $3::text[], $9::timestamptz[])
        as t(case_id, sequence, stage, due_at)
    order by case_id, sequence desc
), held as (
    select id from case_file where id = any($1) order by id for update
), moved as (
    update case_file c set step_stage = l.stage, step_sequence = l.sequence, due_at = l.due_at
    from held join latest l on l.case_id = held.id
    where c.id = held.id and c.step_sequence < l.sequence
    returning c.id, l.stage
)
update person set open = false from moved where case_id = moved.id and moved.stage = any($10)
"""


async def add(conn: Connection, steps: Sequence[Step]) -> None:
    """Write the steps and move their cases on."""
    await conn.execute(
        _ADD,
        [step.case_id for step in steps],
        [step.sequence for step in steps],
        [step.stage for step in steps],
        [step.at for step in steps],
        [step.starts_at for step in steps],
        [step.ends_at for step in steps],
        [step.outcome for step in steps],
        [step.deferral for step in steps],
        [step.due_at for step in steps],
        CLOSED,
    )
