"""Retention is policy: one validated file says how long what is kept, and why; a worker applies it daily."""

import asyncio
import tomllib
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field

from services.requests import erasing
from services.requests.store import audit, changes, erasures, people
from shared.auth import Identity, Role
from shared.db import TRANSIENT, Database

log = structlog.get_logger()

SHIPPED = Path(__file__).parent / "data" / "retention.toml"
WORKER = Identity.of("retensi", Role.SERVICE, "")
BATCH = 100
DAY = 24 * 3600.0


class Limit(BaseModel):
    """How long, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    days: int = Field(ge=1, le=36_500)
    reason: str = Field(min_length=10)

    @property
    def age(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(days=self.days)


class Policy(BaseModel):
    """Persons by business time since their case was closed, or that was received if a device said an earlier moment;
    rows of the audit by the wall clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    person_with_card: Limit
    person_without_card: Limit
    audit: Limit

    @classmethod
    def load(cls, file: Path | None = None) -> "Policy":
        """Read the policy, or the one shipped. Raises OSError or ValueError naming what is wrong."""
        return cls.model_validate(tomllib.loads((file or SHIPPED).read_text()))


async def apply(db: Database, policy: Policy) -> tuple[int, int]:
    """Destroy the persons, and delete the audit's batches, whose time has come; returns how many of each."""
    persons = batches = 0
    while True:
        async with db.transaction() as conn:
            due = await erasures.expired(conn, policy.person_with_card.age, policy.person_without_card.age, BATCH)
            persons += await erasing.erase_expired(conn, WORKER, due)
            await people.destroy_contacts(conn, policy.person_without_card.age)
        if len(due) < BATCH:
            break
    while True:
        async with db.transaction() as conn:
            await audit.hold_chain(conn)
            pruned = await audit.prune(conn, policy.audit.age, BATCH)
        batches += pruned
        if pruned < BATCH:
            return persons, batches


async def _forget_changes(db: Database) -> None:
    done = BATCH
    while done == BATCH:
        async with db.transaction() as conn:
            done = await changes.forget(conn, BATCH)


async def apply_daily(policy: Policy, db: Database) -> None:
    """Apply the policy at start and then once a day, until cancelled."""
    while True:
        try:
            persons, batches = await apply(db, policy)
            await _forget_changes(db)
            log.info("retention applied", persons=persons, audit_batches=batches)
        except TRANSIENT as error:
            log.warning("retention not applied", error=type(error).__name__)
        await asyncio.sleep(DAY)
