"""A replay of the outbox: an operator requests it, and the relay publishes the stored events again."""

from datetime import datetime

import structlog
from aiokafka import AIOKafkaProducer

from shared.database.connection import Session
from shared.messaging.publisher import await_acks, send_rows
from shared.messaging.window_publisher import ROWS

log = structlog.get_logger()

_PAGE = f"""{ROWS}
where id > $1 and id <= $2 order by id limit $3
"""
# Both updates apply only if nobody requested more meanwhile. Otherwise the page is published again, and no row is
# left out.
_ADVANCE = "update relay_mark set replayed = $3 where replayed = $1 and replay_to = $2"
_FINISH = "update relay_mark set replayed = null, replay_to = null where replayed = $1 and replay_to = $2"
_REQUEST = """
update relay_mark set replayed = least(replayed, $1), replay_to = greatest(replay_to, $2)
"""


async def request_replay(conn: Session, since: datetime) -> int:
    """Request that the relay publishes all rows again that were recorded at or after `since`. Returns their number.

    During another replay both are done: from the earlier start to the later end.
    """
    row = await conn.fetchrow(
        "select min(id) as first, max(id) as last, count(*) as n from outbox where recorded_at >= $1",
        since,
    )
    assert row is not None
    if row["n"]:
        await conn.execute(_REQUEST, row["first"] - 1, row["last"])
        await conn.execute("notify outbox")
    return int(row["n"])


async def publish_replay(conn: Session, producer: AIOKafkaProducer, namespace: str, page_size: int) -> None:
    """Publish the rows of the requested replay again, until it is finished."""
    while requested := await conn.fetchrow("select replayed, replay_to from relay_mark where replay_to > 0"):
        rows = await conn.fetch(_PAGE, requested["replayed"], requested["replay_to"], page_size)
        if rows:
            await await_acks(conn, await send_rows(producer, rows, namespace))
            await conn.execute(_ADVANCE, *requested, rows[-1]["id"])
        else:
            await conn.execute(_FINISH, *requested)
            log.info("replay finished", upto=requested["replay_to"])
