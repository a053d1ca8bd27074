"""Lists of a large office answer by their indexes: 200,000 letters, and each filter looks at a small part of them."""

import json
from itertools import product

import pytest

from services.requests.domain.stages import State
from services.requests.store.lists import listing
from services.requests.store.lists.listing import Filter, Words
from shared.contract.fields import RequestKind
from tests.services.requests.desk import Desk

STATES = (None, State.SCHEDULED)
MOST_BLOCKS = 25_000
"""Of 8 KiB, mostly in memory: some tens of milliseconds."""
_LETTERS = """
insert into request (id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at, place, headcount)
select ('019a0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, o.code,
    o.code || '.' || lpad((n % 9 + 1)::text, 2, '0') || '.' || (1001 + n % 7),
    case when n % 40 = 0 then 'drive' else 'home_visit' end, '470/' || n, '2026-11-23',
    case when n % 50 = 0 then 'filed' else 'accepted' end, now(),
    case when n % 40 = 0 then 'school' end, case when n % 40 = 0 then 100 end
from generate_series(1, 200000) n, lateral (select (array['17.71', '17.02', '32.74', '53.71'])[n % 4 + 1] as code) o
"""
_CASES = """
insert into case_file (id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency,
    print_on_hold, letter_stage, step_stage, tracking, missing)
select gen_random_uuid(), r.id, 0, r.office, r.kelurahan, 'first', 15, 2, '{}', 'normal', false, r.stage,
    case when r.stage = 'accepted' then (array['handed_over', 'handed_over', 'handed_over', 'printed', 'scheduled'])[
        r.letter_number::text::numeric_part % 5 + 1] end,
    null, case when r.stage = 'filed' and r.n % 100 = 0 then '{kk}'::text[] else '{}' end
from (select r.*, split_part(letter_number, '/', 2)::int as n from request r) r
""".replace("r.letter_number::text::numeric_part", "r.n")
_OVERDUE = """
insert into overdue (request_id, stage, due_at, told_at)
select id, 'filed', now(), now() from request where stage = 'filed' and right(id::text, 1) in ('0', '4')
"""
_PERSONS = """
insert into person (case_id, sealed, words)
select c.id, decode(repeat('00', 300), 'hex'), array[
    (n % 4) * 10 + n / 4 % 20 * 100, (n % 4) * 10 + 5 + n / 4 % 500 * 100, 1000000 + n, 5000000 + n % 9973,
    6000000 + n % 10000]
from (select c.id, row_number() over (order by c.request_id) as n from case_file c) c
"""
"""Of each a word that a twentieth of their office have, and rarer ones."""
SITI, AMINAH = 210, 1215
"""Under the key of 17.02."""
WORDS = [
    Words(persons, letters, "siti", None)
    for persons, letters in (
        (((SITI,),), (("17.02 siti",),)),
        (((SITI,), (AMINAH,)), (("17.02 siti", "17.02 aminah"),)),
        (((SITI,), (AMINAH,), (5000012,)), ()),
        ((), (("17.02 470",),)),  # of every letter
        ((), (("17.02 470", "17.02 19999"),)),
    )
]
FILTERS = [
    Filter(region, state, kind, overdue, text)
    for region, state, kind, overdue, text in product(
        (None, "17.02.01"),
        (None, State.FILED, State.NEEDS_DOCUMENTS, State.SCHEDULED, State.RECORDED),
        (None, RequestKind.DRIVE),
        (False, True),
        (None, "470/19999"),
    )
]


async def blocks(desk: Desk, wilayah: str, chosen: Filter) -> int:
    """Of the tables and indexes that a page looks at."""
    sql, values = listing.page_query(wilayah, chosen, None, 50)
    async with desk.db.connection() as conn:
        plan = await conn.fetchval(f"explain (analyze, buffers, format json) {sql}", *values)
    root = json.loads(plan)[0]["Plan"]
    return int(root["Shared Hit Blocks"] + root["Shared Read Blocks"])


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_each_filter_answers_by_an_index(desk: Desk) -> None:
    async with desk.db.pool.acquire() as conn:
        for statement in (_LETTERS, _CASES, _OVERDUE, _PERSONS, "analyze"):
            await conn.execute(statement, timeout=300)
    found = {}
    for wilayah in ("", "17.02", "17.02.01.1002"):
        for chosen in (*FILTERS, *(Filter(state=at, words=each) for at in STATES for each in WORDS)):
            found[wilayah, chosen] = await blocks(desk, wilayah, chosen)
    worst = sorted(found.items(), key=lambda each: -each[1])[:40]
    print("\n".join(f"{count:>8} {wilayah or 'nasional'} {chosen}" for (wilayah, chosen), count in worst))
    assert max(found.values()) <= MOST_BLOCKS
