"""Requests and their cases, as commands write them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.requests.domain.filing import Filing
from services.requests.domain.letters import Request
from services.requests.domain.stages import OPEN
from services.requests.sealing import Keys
from services.requests.vault import Vault
from shared.connection import Connection
from shared.events import RequestAccepted
from shared.fields import ClosingReason, Stage

# One statement and one round trip for a whole letter. A person whose NIK has an open case is left out, never
# looked for before: the caller counts, and the transaction ends without effect. In the order of the index, or two
# letters with the same residents in another order would wait for each other. Under keys of another generation than
# the one in force nothing is written at all: a rotation waits for the transactions that saw the one before, and
# then knows that nobody writes under its keys any more.
_FILE = """
with sealing as (
    select from sealing where generation = $21
), request as (
    insert into request (id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at, accepted_at,
        due_at)
    select $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::date, $7::text, $8::timestamptz,
        case when $7 = 'accepted' then $8::timestamptz end, $9::timestamptz
    from sealing
), case_file as (
    insert into case_file (id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency,
        print_on_hold, letter_stage)
    select id, $1, n - 1, $2, $3, service, minutes, team_size, string_to_array(skills, ','), urgency,
        turns17_index is not null, $7
    from sealing, unnest($10::uuid[], $11::text[], $12::int[], $13::int[], $14::text[], $15::text[], $18::bytea[])
        with ordinality as t(id, service, minutes, team_size, skills, urgency, turns17_index, n)
), person as (
    insert into person (case_id, sealed, nik_index, turns17_index, nik_index_b, key_id, index_key)
    select t.*, $20, $22
    from sealing, unnest($10::uuid[], $16::bytea[], $17::bytea[], $18::bytea[], $19::bytea[])
        as t(case_id, sealed, nik_index, turns17_index, nik_index_b) order by nik_index, nik_index_b
    on conflict do nothing
    returning case_id
)
select exists (select from sealing) as in_force, array(select case_id from person) as case_ids
"""
_CLOSE_CASES = """
with held as (select id from case_file where request_id = $1 and stage = any($5) order by id for update),
closed as (
    update case_file c set letter_stage = $2, closed_at = $3, reason = $4, due_at = null
    from held where c.id = held.id returning c.id
)
update person set open = false from closed where case_id = closed.id
"""


async def insert(conn: Connection, vault: Vault, filing: Filing) -> set[UUID]:
    """Write a filing; returns the cases whose NIK has an open case already: then the caller must raise."""
    keys = await vault.keys(conn)
    while (filed := await _insert(conn, keys, filing)) is None:
        keys = await vault.look(conn)
    return {case.id for case in filing.cases} - filed


async def _insert(conn: Connection, keys: Keys, filing: Filing) -> set[UUID] | None:
    """The cases that were filed; None when these keys are not in force: then nothing was."""
    cases = filing.cases
    indexes = [keys.nik_indexes(case.person.nik) for case in cases]
    row = await conn.fetchrow(
        _FILE,
        *(filing.id, filing.office, filing.letter.kelurahan, filing.letter.kind),
        *(filing.letter.number, filing.letter.date, filing.stage, filing.at, filing.due_at),
        [case.id for case in cases],
        [case.service for case in cases],
        [case.effort.minutes for case in cases],
        [case.effort.team_size for case in cases],
        [",".join(case.effort.skills) for case in cases],
        [case.effort.urgency for case in cases],
        [keys.seal(case.id, case.person) for case in cases],
        [index.a for index in indexes],
        [keys.day_index(case.hold_until) for case in cases],
        [index.b for index in indexes],
        *(keys.newest, keys.generation, keys.newest_index),
    )
    assert row is not None
    return set(row["case_ids"]) if row["in_force"] else None


async def lock(conn: Connection, request_id: UUID) -> Request | None:
    """The request under its lock: its commands and ticks come one after the other."""
    row = await conn.fetchrow("select id, office, kelurahan, stage from request where id = $1 for update", request_id)
    if row is None:
        return None
    cases = await conn.fetch("select id, stage from case_file where request_id = $1 order by place", request_id)
    stages = {case["id"]: Stage(case["stage"]) for case in cases}
    return Request(row["id"], row["office"], row["kelurahan"], Stage(row["stage"]), stages)


async def accept(conn: Connection, fact: RequestAccepted) -> None:
    """The letter and its cases are accepted; a case withdrawn before stays so."""
    await conn.execute(
        "update request set stage = 'accepted', accepted_at = $2, due_at = $3 where id = $1",
        *(fact.request_id, fact.at, fact.due_at),
    )
    await conn.execute(
        "update case_file set letter_stage = 'accepted' where request_id = $1 and letter_stage = 'filed'",
        fact.request_id,
    )


async def close(conn: Connection, request_id: UUID, stage: Stage, at: datetime, reason: ClosingReason) -> None:
    """The letter ends as `stage` says, its open cases with it; their NIK are free again."""
    await conn.execute(
        "update request set stage = $2, closed_at = $3, reason = $4, due_at = null where id = $1",
        *(request_id, stage, at, reason),
    )
    await conn.execute(_CLOSE_CASES, request_id, stage, at, reason, OPEN)


async def withdraw(conn: Connection, case_id: UUID, at: datetime, reason: ClosingReason) -> None:
    """One case ends; its NIK is free again."""
    await conn.execute(
        "update case_file set letter_stage = 'cancelled', closed_at = $2, reason = $3, due_at = null where id = $1",
        *(case_id, at, reason),
    )
    await conn.execute("update person set open = false where case_id = $1", case_id)


async def release_print(conn: Connection, cases: Mapping[UUID, timedelta | None], at: datetime) -> None:
    """The residents turned 17: their prints wait no longer, and each one's limit for printing runs from now."""
    case_ids = list(cases)
    await conn.execute(
        "update case_file set print_on_hold = false,"
        " due_at = case when stage = 'print_ready' then $2::timestamptz + span else due_at end"
        " from unnest($1::uuid[], $3::interval[]) as t(case_id, span) where id = case_id",
        *(case_ids, at, list(cases.values())),
    )
    await conn.execute("update person set turns17_index = null where case_id = any($1)", case_ids)
