"""Services with one guarantee broken, to see that the count finds it out.

usage: python -m lab.faults.mutants MUTANT SERVICE
"""

import sys
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, assert_never
from uuid import UUID

from ops.system.services import ServiceProcess
from shared import running
from shared.database import migrate as migrations
from shared.database.connection import Connection, Session
from shared.messaging import inbox
from shared.messaging.group_member import GroupMember
from shared.messaging.publisher import await_acks, send_rows
from shared.messaging.relay_cursor import RelayCursor, save
from shared.messaging.window_publisher import WindowPublisher
from shared.serving import run


class Mutant(StrEnum):
    """The guarantee that does not hold."""

    INBOX_OFF = "inbox-off"
    """Every event is taken for a new one, and the ledger's natural keys are gone."""
    MARK_FIRST = "mark-first"
    """The relay marks rows as published before it sends them."""
    ACK_FIRST = "ack-first"
    """Consumers commit their offsets before they apply a batch."""


class MutantProcess(ServiceProcess):
    """A service whose code is broken on purpose."""

    def __init__(self, mutant: Mutant, healthy: ServiceProcess) -> None:
        super().__init__(healthy.name, healthy.folder, healthy.port, healthy.settings)
        self._mutant = mutant

    def command(self) -> list[str]:
        """This module instead of the service's own package."""
        return [sys.executable, "-m", "lab.faults.mutants", self._mutant, self.name]


def break_guarantee(mutant: Mutant) -> None:
    """Replace the code in this process that keeps the guarantee."""
    match mutant:
        case Mutant.INBOX_OFF:
            _take_everything_for_new()
        case Mutant.MARK_FIRST:
            _mark_before_sending()
        case Mutant.ACK_FIRST:
            _acknowledge_before_applying()
        case _:
            assert_never(mutant)


def _take_everything_for_new() -> None:
    claim_new, migrate = inbox.claim_new, migrations.migrate

    async def every_time(conn: Connection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
        await claim_new(conn, consumer, event_ids)
        return set(event_ids)

    async def without_natural_keys(conn: Session, *folders: Path) -> list[str]:
        applied = await migrate(conn, *folders)
        if await conn.fetchval("select to_regclass('movement')") is not None:
            for column in ("event_id", "print_id", "serial"):
                await conn.execute(f"alter table movement drop constraint if exists movement_{column}_key cascade")
            await conn.execute("drop index if exists movement_destroyed")
        return applied

    _replace(inbox, "claim_new", every_time)
    _replace(running, "migrate", without_natural_keys)


def _mark_before_sending() -> None:
    async def publish(self: WindowPublisher, cursor: RelayCursor, last_id: int) -> int:
        sent = 0
        while rows := await self.read(cursor):
            cursor.upto = rows[-1]["id"]
            await save(self.conn, cursor, last_id)
            await await_acks(self.conn, await send_rows(self.producer, rows, self.namespace))
            sent += len(rows)
        cursor.finish_window()
        if sent:
            await save(self.conn, cursor, last_id)
        return sent

    _replace(WindowPublisher, "publish", publish)


def _acknowledge_before_applying() -> None:
    consume_batch: Callable[[Any, list[Any]], Awaitable[None]] = GroupMember.consume_batch

    async def commit_and_consume(self: Any, records: list[Any]) -> None:
        await self.consumer.commit()
        await consume_batch(self, records)

    _replace(GroupMember, "consume_batch", commit_and_consume)


def _replace(owner: object, name: str, code: object) -> None:
    setattr(owner, name, code)


def main() -> None:
    """Run a service with a guarantee broken."""
    mutant, name = Mutant(sys.argv[1]), sys.argv[2]
    break_guarantee(mutant)
    run(import_module(f"services.{name}.app").build())


if __name__ == "__main__":
    main()
