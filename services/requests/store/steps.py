"""The steps that dispatch tells of, folded by sequence: any order and any repetition give the same state."""

from collections.abc import Sequence

from services.requests.domain.stages import Step
from shared.database.connection import Connection

# Step by step the later sequence wins; a repeat adds nothing. A step that ends a case frees its NIK, in whatever
# order it is heard: nothing follows it. The cases are locked in the order of their ids, as commands lock them. What
# was closed here goes on waiting for dispatch's answer until a step ends it, or says that its card is left; its limit
# does not run again.
_ADD = """
with told as (
    insert into step (case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral)
    select case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral
    from unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
        $7::text[], $8::text[]) as t(case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral)
    order by case_id, sequence
    on conflict do nothing
), latest as (
    select distinct on (case_id) * from unnest($1::uuid[], $2::bigint[], $3::text[], $9::timestamptz[], $10::text[],
        $11::text[], $12::boolean[]) as t(case_id, sequence, stage, due_at, waits_for, end_reason, ends)
    order by case_id, sequence desc
), held as (
    select id from case_file where id = any($1) order by id for update
), moved as (
    update case_file c set step_stage = l.stage, step_sequence = l.sequence,
        due_at = case when c.letter_stage in ('rejected', 'cancelled') then null else l.due_at end
    from held join latest l on l.case_id = held.id
    where c.id = held.id and c.step_sequence < l.sequence
    returning c.id, c.letter_stage in ('rejected', 'cancelled') as closed_here, l.waits_for, l.end_reason, l.ends
), waiting as (
    insert into case_wait as w (case_id, waits_for, end_reason)
    select id, waits_for, end_reason from moved m
    where (waits_for is not null or end_reason is not null or exists (select from case_wait k where k.case_id = m.id))
      and (not closed_here or ends or waits_for = 'card')
    on conflict (case_id) do update set waits_for = excluded.waits_for,
        end_reason = coalesce(excluded.end_reason, w.end_reason)
)
update person set open = false from moved where case_id = moved.id and moved.ends
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
        [step.wait for step in steps],
        [step.end for step in steps],
        [step.ends for step in steps],
    )
