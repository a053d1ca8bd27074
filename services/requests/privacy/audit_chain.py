"""The access log is tamper-evident: its rows are covered, in batches, by a chain of digests.

`seal_audit` extends the chain; `verify_audit` walks it from the first batch and names each row that was changed,
removed or inserted.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from services.requests.domain.audit import GENESIS, Batch, compare
from services.requests.store import audit as store
from shared.database.connection import Connection
from shared.database.pool import Database

BATCH = 500
_PAGE = 200
_BELOW_ALL = -(2**63)


async def seal_audit(db: Database) -> int:
    """Cover the rows that no batch holds yet by new batches of the chain; returns how many rows.

    Rows become visible in the order of their ids (`person_access_in_order`): none can appear below these later.
    """
    sealed = 0
    while True:
        async with db.transaction() as conn:
            await store.hold_chain(conn)
            head = await store.head(conn)
            rows = await store.unsealed(conn, head.ids[-1] if head else 0, BATCH)
            if rows:
                await store.append(conn, Batch.after(head, rows))
        sealed += len(rows)
        if len(rows) < BATCH:
            return sealed


@dataclass
class AuditCheck:
    """The result of `verify_audit`; `problems` says in Indonesian what is wrong, and is empty for an intact chain."""

    problems: list[str] = field(default_factory=list)
    head: str = ""
    """The last digest, to be kept outside of the database; "" while the chain is empty."""
    sealed: int = 0
    waiting: int = 0
    """Rows that no batch holds yet."""
    pruned: int = 0
    """Batches whose rows the retention policy has deleted."""


async def verify_audit(conn: Connection, kept: timedelta, known_head: str = "") -> AuditCheck:
    """Verify the whole chain. `kept` is how long rows must stay; `known_head` is a head that was kept before."""
    verdict = AuditCheck()
    previous, number, last_id = GENESIS, 0, _BELOW_ALL
    seen_head = not known_head
    while page := await store.batches(conn, number, _PAGE):
        for batch in page:
            if batch.number != number + 1:
                verdict.problems.append(f"batch {number + 1} sampai {batch.number - 1} hilang")
            await _check(conn, verdict, batch, previous, last_id, kept)
            previous, number, last_id = batch.digest, batch.number, max(last_id, *batch.ids)
            seen_head |= batch.head == known_head
            verdict.head, verdict.sealed = batch.head, batch.total
    verdict.waiting = await store.count_above(conn, last_id)
    if not seen_head:
        verdict.problems.append(_about(known_head, number))
    return verdict


async def _check(
    conn: Connection, verdict: AuditCheck, batch: Batch, previous: bytes, last_id: int, kept: timedelta
) -> None:
    found = []
    if batch.link(previous) != batch.digest:
        found.append("rantai putus: batch ini atau yang sebelumnya diubah")
    rows = await store.between(conn, last_id, batch.ids[-1])
    if batch.pruned_at is None:
        found += compare(batch, rows)
    else:
        if batch.pruned_at < batch.last_at + kept:
            found.append("barisnya dihapus sebelum waktunya")
        found += (f"baris {row.id} disisipkan" for row in rows)
        verdict.pruned += 1
    verdict.problems += (f"batch {batch.number}: {words}" for words in found)


def _about(known_head: str, last: int) -> str:
    number = known_head.partition(":")[0]
    if number.isdecimal() and int(number) <= last:
        return f"batch {number} bukan yang tercatat: rantai ditulis ulang"
    return f"ekor dipotong: rantai berakhir di batch {last}, yang tercatat batch {number}"
