"""Requests, dispatch and inventory on databases of their own, with nothing between them but what a test hands over.

The routes and handlers are the real ones; a fact goes from an outbox to a consumer when the test says so, late and
more than once, in the order of its key as Kafka keeps it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from services.dispatch.consumers import consumers as dispatch_consumers
from services.inventory.consumers import consumers as inventory_consumers
from shared.contract.envelope import split_headers
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.reference.offices import Offices
from tests.services.dispatch.room import Room
from tests.services.requests.desk import Desk

OFFICE = "17.02"


def serial_of(number: int) -> str:
    """Of a blank card."""
    return f"BM{number:08}"


@dataclass
class Line:
    """From the outbox of one service to a consumer of another: facts of one key in their order, keys in any."""

    source: Database
    topic: str
    taker: Database
    consumer: Consumer
    read_to: int = 0
    waiting: dict[str, deque[ConsumerRecord[bytes, bytes]]] = field(default_factory=dict)
    given: list[ConsumerRecord[bytes, bytes]] = field(default_factory=list)
    """What may come again."""

    async def look(self) -> None:
        """See what was stated since."""
        async with self.source.connection() as conn:
            rows = await conn.fetch(
                "select id, key, sequence, headers, value from outbox where topic = $1 and id > $2 order by id",
                *(self.topic, self.read_to),
            )
        for row in rows:
            self.read_to = row["id"]
            self.waiting.setdefault(row["key"], deque()).append(self._record(row))

    def _record(self, row: Any) -> ConsumerRecord[bytes, bytes]:
        headers = [*split_headers(row["headers"].encode()), ("ce_sequence", str(row["sequence"]).encode())]
        value, key = row["value"].encode(), row["key"].encode()
        return ConsumerRecord(self.topic, 0, row["id"], 0, 0, key, value, None, 0, 0, headers)

    async def give(self, key: str, most: int = 1) -> None:
        """Hand over the next facts of a key."""
        queue = self.waiting[key]
        records = [queue.popleft() for _ in range(min(most, len(queue)))]
        if not queue:
            del self.waiting[key]
        self.given += records
        await self._process(records)

    async def repeat(self, number: int) -> None:
        """Hand something over again, with all that followed it there: so it is after an offset was not committed."""
        if self.given:
            await self._process(self.given[number % len(self.given) :])

    async def give_all(self) -> bool:
        """Hand over whatever there is; whether there was anything."""
        await self.look()
        some = bool(self.waiting)
        while self.waiting:
            await self.give(next(iter(self.waiting)), 100)
        return some

    async def _process(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        self.consumer.attach(KafkaBroker("127.0.0.1:1"), self.taker)
        await self.consumer.process(records)


@dataclass
class Three:
    """The three services, and the lines between them."""

    desk: Desk
    room: Room
    stock: Database
    lines: dict[str, Line]
    serials: int = 0

    @classmethod
    def of(cls, desk: Desk, room: Room, stock: Database) -> "Three":
        """Wire them."""
        ledger, followed = inventory_consumers(Offices.load())[0], dispatch_consumers()[0]
        return cls(
            desk,
            room,
            stock,
            {
                "to dispatch": Line(desk.db, "requests", room.db, followed),
                "to requests": Line(room.db, "cases", desk.db, desk.cases),
                "to inventory": Line(room.db, "cases", stock, ledger),
            },
        )

    async def settle(self) -> None:
        """Every fact arrives."""
        while any([await line.give_all() for line in self.lines.values()]):
            pass

    # --- what must hold -------------------------------------------------------------------------------------------

    async def outstanding(self) -> dict[UUID, UUID]:
        """Physical cards that are neither in a hand nor destroyed: their prints, with the case."""
        async with self.room.db.connection() as conn:
            rows = await conn.fetch(
                "select a.print_id, a.case_id from print_attempt a join cases c using (case_id)"
                " where a.kind = 'printed' and c.stage <> 'handed_over'"
                " and not exists (select from destroyed_card d where d.print_id = a.print_id)"
            )
        return {row["print_id"]: row["case_id"] for row in rows}

    async def free(self, case_ids: Sequence[UUID]) -> set[UUID]:
        """Those of these cases whose NIK may be filed for again."""
        async with self.desk.db.connection() as conn:
            rows = await conn.fetch("select case_id from person where not open and case_id = any($1)", case_ids)
        return {row["case_id"] for row in rows}

    async def ledger(self) -> dict[str, int]:
        """The balances of the office."""
        async with self.stock.connection() as conn:
            return {row["name"]: row["balance"] for row in await conn.fetch("select name, balance from account")}
