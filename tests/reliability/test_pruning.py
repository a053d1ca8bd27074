"""Old rows go; what is not published, or young, stays."""

import time
from collections.abc import Awaitable, Callable

from shared.contract.envelope import MessageContext
from shared.contract.events import RequestCancelled
from shared.contract.fields import ClosingReason
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.database.pruning import due, prune, prune_by_rule
from shared.messaging import outbox
from shared.system_clock import utc_now


async def test_only_what_is_old_and_published_goes(database: Callable[[str], Awaitable[str]]) -> None:
    db = await Database.connect(await database(""))

    def event() -> RequestCancelled:
        return RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)

    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [event(), event()])
        await conn.execute("insert into inbox values ('a', $1, now() - interval '46 days')", new_id())
        await conn.execute("insert into inbox values ('a', $1, now() - interval '44 days')", new_id())
    async with db.transaction() as conn:
        await conn.execute("update relay_mark set published = pg_current_snapshot()::text")
    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [event()])
    assert await prune(db) == 1
    async with db.transaction() as conn:
        await conn.execute("update outbox set recorded_at = now() - interval '15 days' where id <> 1")
    assert await prune(db) == 1
    async with db.connection() as conn:
        assert [r["id"] for r in await conn.fetch("select id from outbox order by id")] == [1, 3]
        assert await conn.fetchval("select count(*) from inbox") == 1
    await db.close()


_OLD_LETTER = """
insert into dead_letter (id, handler, topic, partition, "offset", headers, value, size, reason, detail, recorded_at,
    resolved_at, resolution)
select $1, $2, 'requests', 0, 0, jsonb_build_array(jsonb_build_array('ce_id', $3::text)), '', 0, 'failed', '',
    now() - interval '1 year', case when $4::text is null then null else now() - interval '91 days' end, $4
"""


async def test_an_open_dead_letter_and_its_inbox_row_are_not_pruned(
    database: Callable[[str], Awaitable[str]],
) -> None:
    db = await Database.connect(await database(""))
    waiting, done = new_id(), new_id()
    async with db.transaction() as conn:
        for event_id, resolution in ((waiting, None), (done, "foreign")):
            await conn.execute(_OLD_LETTER, new_id(), f"requests.cases.{event_id}", str(event_id), resolution)
            await conn.execute("insert into inbox values ('a', $1, now() - interval '1 year')", event_id)
        assert {name: n for name, n in (await due(conn)).items() if n} == {"inbox": 1, "dead letters": 1}
    assert {name: n for name, n in (await prune_by_rule(db)).items() if n} == {"inbox": 1, "dead letters": 1}
    async with db.connection() as conn:
        assert await conn.fetchval("select event_id from dead_letter") == str(waiting)
        assert await conn.fetchval("select event_id from inbox") == waiting
    await db.close()


async def test_several_hundred_thousand_rows_go_in_seconds(database: Callable[[str], Awaitable[str]]) -> None:
    db = await Database.connect(await database(""))
    async with db.transaction() as conn:
        await conn.execute(
            "insert into inbox select 'a', gen_random_uuid(), now() - n * interval '30 seconds'"
            " from generate_series(1, 300000) n"
        )
        old = await conn.fetchval("select count(*) from inbox where received_at < now() - interval '45 days'")
    began = time.monotonic()
    assert (await prune_by_rule(db))["inbox"] in (old, old + 1)
    assert time.monotonic() - began < 20  # 0.3 s on a quiet machine
    await db.close()
