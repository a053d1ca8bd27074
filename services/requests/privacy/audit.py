"""The audit of persons: noted before anything is shown, sealed in batches, and verified from the first row on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from services.requests.domain.audit import GENESIS, Act, Batch, Purpose, compare
from services.requests.store import audit as store
from services.requests.store import letters, people
from shared.auth import Identity
from shared.connection import Connection
from shared.db import TRANSIENT, Database

log = structlog.get_logger()

BATCH = 500
_PAGE = 200
_BELOW_ALL = -(2**63)


async def note_reading(conn: Connection, who: Identity, case_id: UUID, purpose: Purpose) -> bool:
    """Whether the caller may read the person of a case; either way it is written down, if there is such a case."""
    found = await people.find(conn, case_id)
    return await _note(conn, who, found.kelurahan if found else None, case_id, purpose)


async def note_readings(
    conn: Connection, who: Identity, request_id: UUID, purpose: Purpose
) -> tuple[bool, list[UUID]]:
    """Whether the caller may read the persons of a request, and of which cases; either way it is written down."""
    kelurahan = await letters.kelurahan_of(conn, request_id)
    if kelurahan is None:
        return False, []
    granted = who.sees(kelurahan)
    case_ids = await people.of_request(conn, request_id)
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.READ if granted else Act.REFUSED, purpose)
    return granted, case_ids


async def note_contact(conn: Connection, who: Identity, request_id: UUID, purpose: Purpose) -> bool:
    """Whether the caller may read whom a letter names; either way it is written down, under the letter's own id."""
    return await _note(conn, who, await letters.kelurahan_of(conn, request_id), request_id, purpose)


async def _note(conn: Connection, who: Identity, kelurahan: str | None, read: UUID, purpose: Purpose) -> bool:
    if kelurahan is None:
        return False
    granted = who.sees(kelurahan)
    await store.note(conn, who, read, Act.READ if granted else Act.REFUSED, purpose)
    return granted


async def note_matches(conn: Connection, who: Identity, case_ids: Sequence[UUID]) -> None:
    """Filing met open cases outside of the caller's wilayah: that the caller learned of them is written down."""
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.MATCHED, Purpose.FILING)


async def seal(db: Database) -> int:
    """Take the rows that no batch holds into the chain; returns how many.

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


async def seal_steadily(seconds: float, db: Database) -> None:
    """Seal every `seconds`, until cancelled."""
    while True:
        try:
            await seal(db)
        except TRANSIENT as error:
            log.warning("audit not sealed yet", error=type(error).__name__)
        await asyncio.sleep(seconds)


@dataclass
class Verdict:
    """What `verify` found; `problems` names the place of each, in Indonesian, and is empty when all stands."""

    problems: list[str] = field(default_factory=list)
    head: str = ""
    """To be written down outside of the database; "" while the chain is empty."""
    sealed: int = 0
    waiting: int = 0
    """Rows that no batch holds yet."""
    pruned: int = 0
    """Batches whose rows the retention policy has deleted."""


async def verify(conn: Connection, kept: timedelta, known_head: str = "") -> Verdict:
    """Walk the chain. `kept` is how long rows must stay; `known_head` is a head written down before."""
    verdict = Verdict()
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
    conn: Connection, verdict: Verdict, batch: Batch, previous: bytes, last_id: int, kept: timedelta
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
