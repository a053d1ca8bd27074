"""After a restore: raises every sequence, crossing and state_version beyond what any other service has seen.

Events that were published meanwhile under sequences that others know as used get new sequences, with all that
follow them under their key, and are published again: consumers that know their ids drop them, consumers that order
by sequence apply them now.
"""

from collections import defaultdict
from collections.abc import Mapping

import asyncpg

from ops.reconcile import published, snapshots, streams
from ops.reconcile.published import Place
from ops.reconcile.snapshots import Snapshots
from ops.system.discovery import Reachable, brokers_of
from ops.system.quiescence import QuiescenceMonitor
from services.inventory.maintenance import KnownOffice, advance_offices
from shared.contract.events import TOPICS
from shared.database.pool import Database

_RAISE = """
insert into stream as s (topic, key, sequence) select $1, key, sequence
from unnest($2::text[], $3::bigint[]) as t(key, sequence) order by key
on conflict (topic, key) do update set sequence = greatest(s.sequence, excluded.sequence)
"""
# The rows of a key from the first place on that is not its own: moved behind the head, in their order.
_MOVE = """
with head as (
    select sequence from stream where topic = $1 and key = $2 for update
), moved as (
    select id, row_number() over (order by id) as n from outbox
    where topic = $1 and key = $2 and sequence >= $3
), placed as (
    update outbox o set sequence = head.sequence + moved.n from moved, head where o.id = moved.id returning o.id
), counted as (
    update stream set sequence = sequence + (select count(*) from moved) where topic = $1 and key = $2
)
select min(id) as first, max(id) as last from placed
"""
_REPLAY = """
update relay_mark set replayed = least(replayed, $1 - 1), replay_to = greatest(replay_to, $2)
"""


async def advance(system: Reachable) -> dict[str, int]:
    """Advance each database in one transaction; safe to repeat. Returns how many of each were advanced.

    Offices are left alone while inventory has still to consume what it forgot: run it again then. Raises KafkaError
    when the topics cannot be read: what they hold must be known.
    """
    topics = await published.read(brokers_of(system))
    databases = await snapshots.read(system)
    heads = streams.known_elsewhere(databases, topics)
    again: dict[str, list[Place]] = defaultdict(list)
    for service, place in streams.reused_sequences(databases, topics):
        again[service].append(place)
    done: dict[str, int] = {}
    for topic in (topic for topic in TOPICS if topic.publisher):
        service = str(topic.publisher)
        own = databases[service].heads
        behind = {
            key: sequence
            for (name, key), sequence in heads.items()
            if name == topic.name and sequence > own.get((name, key), 0)
        }
        moved = await _streams(system.dsn(service), topic.name, behind, again[service])
        done |= {f"streams of {topic.name}": len(behind), f"facts of {service} stated again": moved}
    async with QuiescenceMonitor(system) as monitor:
        if not (await monitor.snapshot()).outstanding:
            done["offices"] = await _offices(system, databases)
    return {what: count for what, count in done.items() if count}


async def _streams(dsn: str, topic: str, behind: Mapping[str, int], again: list[Place]) -> int:
    if not behind and not again:
        return 0
    first_again: dict[str, int] = {}
    for _, key, sequence in again:
        first_again[key] = min(first_again.get(key, sequence), sequence)
    conn = await asyncpg.connect(dsn, timeout=10)
    try:
        async with conn.transaction():
            await conn.execute(_RAISE, topic, list(behind), list(behind.values()))
            moved = [await conn.fetchrow(_MOVE, topic, key, place) for key, place in sorted(first_again.items())]
            ids = [row[name] for row in moved if row and row["first"] for name in ("first", "last")]
            if ids:
                await conn.execute(_REPLAY, min(ids), max(ids))
                await conn.execute("notify outbox")
    finally:
        await conn.close()
    return len(again)


async def _offices(system: Reachable, databases: Snapshots) -> int:
    levels, rationed = databases["notify"].answers["offices"], databases["dispatch"].answers["rationing"]
    known = {}
    for office in {*levels, *rationed}:
        level, crossing = levels.get(office, "ok 0").split()
        version, rationing = rationed[office].split() if office in rationed else (0, None)
        known[office] = KnownOffice(level, int(crossing), int(version), rationing)
    db = await Database.connect(system.dsn("inventory"), size=1, name="reconcile")
    try:
        async with db.transaction() as conn:
            return await advance_offices(conn, known)
    finally:
        await db.close()
