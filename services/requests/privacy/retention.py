"""Retention: one validated file states how long persons and access log rows are kept, and why."""

import tomllib
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.requests.privacy.erasure import erase_expired
from services.requests.store import audit, erasures, people
from shared.database.pool import Database
from shared.security.auth import Identity, Role

SHIPPED = Path(__file__).parents[1] / "data" / "retention.toml"
WORKER = Identity.of("retensi", Role.SERVICE, "")
BATCH = 100


class RetentionPeriod(BaseModel):
    """How long, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    days: int = Field(ge=1, le=36_500)
    reason: str = Field(min_length=10)

    @property
    def age(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(days=self.days)


class RetentionPolicy(BaseModel):
    """Persons by business time since their case was closed, or that was received if a device said an earlier moment;
    rows of the audit by the wall clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    person_with_card: RetentionPeriod
    person_without_card: RetentionPeriod
    audit: RetentionPeriod

    @classmethod
    def load(cls, file: Path | None = None) -> "RetentionPolicy":
        """Read the policy, or the one shipped. Raises OSError or ValueError naming what is wrong."""
        return cls.model_validate(tomllib.loads((file or SHIPPED).read_text()))


async def apply_retention(db: Database, policy: RetentionPolicy) -> tuple[int, int]:
    """Destroy the persons and delete the batches of the access log that are older than the policy keeps them.

    Returns how many persons and how many batches. Again, it does nothing.
    """
    persons = batches = 0
    while True:
        async with db.transaction() as conn:
            due = await erasures.expired(conn, policy.person_with_card.age, policy.person_without_card.age, BATCH)
            persons += await erase_expired(conn, WORKER, due)
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
