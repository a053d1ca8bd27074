"""Old rows go; what is not published, or young, stays."""

from collections.abc import Awaitable, Callable

from shared import outbox
from shared.db import Database
from shared.envelope import Cause
from shared.events import RequestCancelled
from shared.fields import ClosingReason
from shared.ids import new_id
from shared.pruning import prune
from shared.wall import utc_now


async def test_only_what_is_old_and_published_goes(database: Callable[[str], Awaitable[str]]) -> None:
    db = await Database.connect(await database(""))

    def event() -> RequestCancelled:
        return RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)

    async with db.transaction() as conn:
        await outbox.add(conn, "requests", Cause.new(), [event(), event()])
        await conn.execute("insert into inbox values ('a', $1, now() - interval '46 days')", new_id())
        await conn.execute("insert into inbox values ('a', $1, now() - interval '44 days')", new_id())
    async with db.transaction() as conn:
        await conn.execute("update relay_mark set published = pg_current_snapshot()::text")
    async with db.transaction() as conn:
        await outbox.add(conn, "requests", Cause.new(), [event()])
    assert await prune(db) == 1
    async with db.transaction() as conn:
        await conn.execute("update outbox set recorded_at = now() - interval '15 days' where id <> 1")
    assert await prune(db) == 1
    async with db.reading() as conn:
        assert [r["id"] for r in await conn.fetch("select id from outbox order by id")] == [1, 3]
        assert await conn.fetchval("select count(*) from inbox") == 1
    await db.close()
