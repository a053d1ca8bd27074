"""Deletion of old rows, by the table PRUNE_RULES and nowhere else. The retention times depend on one another."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.database.connection import Connection
from shared.database.periodic import PeriodicTask
from shared.database.pool import Database

log = structlog.get_logger()

BATCH = 5000
DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class PruneRule:
    """Delete the rows of `table` whose column `since` is older than `keep`, if the condition `besides` also holds.

    `why` tells operators, in Indonesian, why the rows are not deleted sooner.
    """

    name: str
    table: str
    since: str
    keep: timedelta
    why: str
    besides: str = "true"

    @property
    def due(self) -> str:
        """The SQL clauses `from` and `where` of the rows to delete; $1 is `keep`."""
        return f"from {self.table} t where {self.since} < now() - $1::interval and {self.besides}"


OUTBOX = timedelta(days=14)
"""The retention of the topics: for this long a published event can be published again."""

# An operator may replay an open dead letter at any age, so the inbox keeps its event as long as it is open.
PRUNE_RULES = (
    PruneRule(
        "outbox",
        "outbox",
        "recorded_at",
        OUTBOX,
        "selama topik menyimpan yang diterbitkan: selama itu dapat diterbitkan lagi",
        # Rows that are not published yet, or that a replay still has to publish, stay.
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
    """The number of rows that would be deleted now, by the name of the rule."""
    found = {}
    for rule in PRUNE_RULES:
        found[rule.name] = int(await conn.fetchval(f"select count(*) {rule.due}", rule.keep))
    return found


async def prune_by_rule(db: Database) -> dict[str, int]:
    """Delete the rows that are due by the database's clock. Returns the number of deleted rows by rule.

    Each batch is a transaction: no lock is held for long, and an interruption loses one batch at most.
    """
    deleted = {}
    for rule in PRUNE_RULES:
        # Deleting by ctid needs no index, and nobody updates old rows, so their ctid stays valid.
        statement = f"delete from {rule.table} where ctid = any(array(select ctid {rule.due} limit {BATCH}))"  # noqa: S608
        deleted[rule.name] = 0
        while True:
            async with db.transaction() as conn:
                count = int((await conn.execute(statement, rule.keep)).split()[-1])
            deleted[rule.name] += count
            if count < BATCH:
                break
    return deleted


async def prune(db: Database) -> int:
    """Delete the rows that are due, and log the numbers. Returns how many rows were deleted."""
    deleted = await prune_by_rule(db)
    total = sum(deleted.values())
    log.info("pruned", rows=total, **{name.replace(" ", "_"): count for name, count in deleted.items()})
    return total


DAILY_PRUNING = PeriodicTask("pruning", DAY, prune)
