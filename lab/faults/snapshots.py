"""Reads what the four databases hold at the end, as superuser and with SQL of its own."""

from collections import Counter
from dataclasses import dataclass

import asyncpg

from ops.platform import Platform
from ops.system import SERVICES
from shared.database.connection import Session

Counts = Counter[tuple[str, ...]]
"""How often each thing is there, by what tells it apart."""

_COMMANDS = "select key::text from command where answer is not null"
_OUTBOX_EVENTS = "select event_id::text from outbox"
_CONSUMED = "select consumer, event_id::text from inbox"
_DEAD = "select count(*) from dead_letter"
_THINGS = {
    "requests": {
        "requests": "select id::text from request",
        "cases": "select id::text from case_file where told",
        "steps": "select case_id::text, sequence::text from step",
    },
    "dispatch": {
        "cases": "select case_id::text from cases",
        "planned visits": "select visit_id::text from visit",
        "made visits": "select visit_id::text from visit where state = 'done'",
        "prints": "select print_id::text from print_attempt where kind = 'printed'",
        "spoils": "select print_id::text from print_attempt where kind = 'spoiled'",
        "destroyed": "select print_id::text from destroyed_card",
    },
    "inventory": {
        "movement events": "select event_id::text from movement",
        "prints": "select print_id::text from movement where kind = 'print'",
        "spoils": "select print_id::text from movement where kind = 'spoil'",
        "destroyed": "select left(reference, 36) from movement where kind = 'destroy'",
        "receipts": "select place, reference, quantity::text from movement where kind = 'receipt'",
        "refills": "select place, reference, quantity::text, extract(epoch from at)::bigint::text"
        " from movement where kind = 'refill'",
        "approvals": "select id::text from shipment",
        "shipments": "select reference from movement where kind = 'shipment'",
        "arrivals": "select reference, quantity::text from movement where kind = 'arrival'",
    },
    "notify": {
        "alerts": "select office, crossing::text from alert",
        "approvals": "select shipment_id::text from shipment where approved is not null",
        "shipments": "select shipment_id::text from shipment where dispatched is not null",
        "arrivals": "select shipment_id::text from shipment where received is not null",
    },
}
_STAGES = {"requests": "select id::text, stage from case_file", "dispatch": "select case_id::text, stage from cases"}
# Kept balances against the movements themselves; the last row is the sum of all balances.
_LEDGER = """
with leg as (
    select source as name, -quantity::bigint as change from movement union all select target, quantity from movement
)
select coalesce(a.name, t.name) as name, coalesce(a.balance, 0) as kept, coalesce(t.balance, 0)::bigint as counted
from account a full join (select name, sum(change) as balance from leg group by name) t on t.name = a.name
"""
_WAITING = {
    "notify": "select count(*) from delivery where state = 'pending'",
}


@dataclass(frozen=True, slots=True)
class ServiceSnapshot:
    """One service's database."""

    commands: set[str]
    published: set[str]
    consumed: set[tuple[str, str]]
    dead_letters: int
    things: dict[str, Counts]
    stages: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All of them, and the ledger counted again: by account what is kept and what the movements bear out."""

    databases: dict[str, ServiceSnapshot]
    ledger: dict[str, tuple[int, int]]


async def read(platform: Platform) -> Snapshots:
    """Read everything; the system should be quiet."""
    databases = {}
    ledger: dict[str, tuple[int, int]] = {}
    for name in SERVICES:
        conn = await asyncpg.connect(platform.dsn(name), timeout=10)
        try:
            databases[name] = await _database(conn, name)
            if name == "inventory":
                ledger = {row["name"]: (row["kept"], row["counted"]) for row in await conn.fetch(_LEDGER)}
        finally:
            await conn.close()
    return Snapshots(databases, ledger)


async def _database(conn: Session, name: str) -> ServiceSnapshot:
    stages = {row[0]: row[1] for row in await conn.fetch(_STAGES[name])} if name in _STAGES else {}
    things = {
        what: Counter(tuple(row) for row in await conn.fetch(query)) for what, query in _THINGS.get(name, {}).items()
    }
    return ServiceSnapshot(
        commands={row[0] for row in await conn.fetch(_COMMANDS)},
        published={row[0] for row in await conn.fetch(_OUTBOX_EVENTS)},
        consumed={(row[0], row[1]) for row in await conn.fetch(_CONSUMED)},
        dead_letters=await conn.fetchval(_DEAD),
        things=things,
        stages=stages,
    )


async def waiting(platform: Platform) -> dict[str, int]:
    """What is still on its way although every topic is quiet: replays asked for, webhooks not delivered."""
    found = {}
    for name in SERVICES:
        conn = await asyncpg.connect(platform.dsn(name), timeout=10)
        try:
            found[f"replay {name}"] = await conn.fetchval("select count(*) from relay_mark where replay_to > 0")
            if name in _WAITING:
                found[f"webhooks {name}"] = await conn.fetchval(_WAITING[name])
        finally:
            await conn.close()
    return {what: count for what, count in found.items() if count}
