"""What was kept for long enough goes, by the table below and never otherwise. The limits hold together: see each."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database

log = structlog.get_logger()

BATCH = 5000


@dataclass(frozen=True, slots=True)
class PruneRule:
    """Rows of a table that go `keep` after `since`, if `besides` holds too; and why not sooner, for operators."""

    name: str
    table: str
    since: str
    keep: timedelta
    why: str
    besides: str = "true"

    @property
    def due(self) -> str:
        """The rows that may go; $1 is `keep`."""
        return f"from {self.table} t where {self.since} < now() - $1::interval and {self.besides}"


OUTBOX = timedelta(days=14)
"""As long as the topics keep what was published: so long it can be published again."""

# An open dead letter may be asked for at any age: the inbox goes on knowing its event for as long.
PRUNE_RULES = (
    PruneRule(
        "outbox",
        "outbox",
        "recorded_at",
        OUTBOX,
        "selama topik menyimpan yang diterbitkan: selama itu dapat diterbitkan lagi",
        # What was dumped before it was published has a place in a replay only.
        "exists (select from relay_mark where (t.id > replayed and t.id <= replay_to) is not true"
        " and (t.id <= floor or pg_visible_in_snapshot(t.xid, published::pg_snapshot)))",
    ),
    PruneRule(
        "inbox",
        "inbox",
        "received_at",
        timedelta(days=45),
        "lebih lama dari topik dan outbox bersama: apa pun yang masih bisa tiba sudah dikenal",
        "not exists (select from dead_letter d where d.event_id = t.event_id::text and d.resolved_at is null)",
    ),
    PruneRule(
        "commands",
        "command",
        "recorded_at",
        timedelta(days=30),
        "gawai yang luring sebulan masih boleh mengirim ulang perintahnya",
    ),
    PruneRule(
        "dead letters",
        "dead_letter",
        "resolved_at",
        timedelta(days=90),
        "pembuangan dapat ditarik kembali selama tiga bulan; yang terbuka tidak pernah hilang sendiri",
        "resolved_at is not null",
    ),
    PruneRule(
        "mending",
        "mending",
        "at",
        timedelta(days=730),
        "siapa membetulkan apa ditanyakan pada audit tahunan, dan pada audit sesudahnya",
    ),
)


async def due(conn: Connection) -> dict[str, int]:
    """How many rows would go now, by rule."""
    found = {}
    for rule in PRUNE_RULES:
        found[rule.name] = int(await conn.fetchval(f"select count(*) {rule.due}", rule.keep))
    return found


async def prune_by_rule(db: Database) -> dict[str, int]:
    """Delete what is due, by the database's clock; returns how many rows, by rule.

    In small bites, so that no lock is held for long and a stop in the middle loses only what is in hand.
    """
    gone = {}
    for rule in PRUNE_RULES:
        # Found and deleted by its place on the page: cheaper than any index, and nobody moves old rows.
        statement = f"delete from {rule.table} where ctid = any(array(select ctid {rule.due} limit {BATCH}))"  # noqa: S608
        gone[rule.name] = 0
        while True:
            async with db.transaction() as conn:
                count = int((await conn.execute(statement, rule.keep)).split()[-1])
            gone[rule.name] += count
            if count < BATCH:
                break
    return gone


async def prune(db: Database) -> int:
    """Delete what is due; returns how many rows."""
    return sum((await prune_by_rule(db)).values())


async def prune_daily(db: Database) -> None:
    """Prune at start and then once a day, until cancelled."""
    while True:
        try:
            gone = await prune_by_rule(db)
            log.info("pruned", rows=sum(gone.values()), **{name.replace(" ", "_"): n for name, n in gone.items()})
        except TRANSIENT_ERRORS as error:
            log.warning("not pruned", error=type(error).__name__)
        await asyncio.sleep(24 * 3600)
