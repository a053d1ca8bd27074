"""After a restore: every stream, crossing and state_version counts on beyond what anybody has seen.

Facts that were stated meanwhile on places that others know as taken get new places, with all that follow them in
their stream, and are published again: who took them by their id drops them, who folds by sequence takes them now.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import asyncpg

from ops.reconcile import pairs, published, snapshots, streams
from ops.reconcile.offices import disagree
from ops.reconcile.published import Place
from ops.system.discovery import Reachable, brokers_of
from ops.system.quiescence import Quiet
from services.inventory.domain import levels
from services.inventory.domain.levels import Stock
from services.inventory.store import stock
from shared import clock, outbox
from shared.connection import Connection
from shared.db import Database
from shared.envelope import Cause
from shared.events import TOPICS

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
    """Do it, in each database in one transaction; safe to repeat. Returns how many of what were moved on.

    Offices are left alone while inventory has still to take what it forgot: do it again then. Raises KafkaError
    when the topics cannot be read: what they hold must be known.
    """
    topics = await published.read(brokers_of(system))
    databases = await snapshots.read(system, pairs.QUESTIONS)
    heads = streams.known_elsewhere(databases, topics)
    again: dict[str, list[Place]] = defaultdict(list)
    for service, place in streams.used_again(databases, topics):
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
    async with Quiet(system) as quiet:
        if not (await quiet.look()).outstanding:
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


async def _offices(system: Reachable, databases: snapshots.Held) -> int:
    told, rationed = databases["notify"].answers["offices"], databases["dispatch"].answers["rationing"]
    db = await Database.connect(system.dsn("inventory"), size=1, name="reconcile")
    changed = 0
    try:
        async with db.transaction() as conn:
            at = await clock.business_time(conn)
            for office in sorted({*told, *rationed}):
                before = await stock.lock(conn, office)
                if before is not None:
                    level, crossing = told.get(office, "ok 0").split()
                    version, rationing = rationed.get(office, f"0 {before.rationing}").split()
                    changed += await _office(conn, before, (level, int(crossing)), (int(version), rationing), at)
    finally:
        await db.close()
    return changed


async def _office(
    conn: Connection, before: Stock, told: tuple[str, int], rationed: tuple[int, str], at: datetime
) -> bool:
    """Count on from what is known of the office; what others believe wrongly of it is announced anew."""
    level, crossing = told
    version, rationing = rationed
    base = replace(before, crossing=max(before.crossing, crossing), state_version=max(before.state_version, version))
    stale = version > before.state_version or (version == before.state_version and rationing != str(before.rationing))
    after = replace(
        base,
        crossing=base.crossing + disagree(before.level, level),
        state_version=base.state_version + stale,
    )
    if after == before:
        return False
    await stock.save(conn, after)
    await outbox.add(conn, "inventory", Cause.new(), levels.announcements(base, after, at))
    return True
