"""Events for measuring: the same bytes, headers, keys and partitions for a subject and for its ceiling."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contract.envelope import MessageContext, encode, split_headers
from shared.contract.events import PrintCompleted
from shared.contract.ids import new_id
from shared.messaging.outbox import partition_of

AT = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """One event as the outbox keeps it and as Kafka carries it."""

    key: str
    partition: int
    event_id: str
    stored: str
    """Its headers as the outbox keeps them."""
    value: str

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """As Kafka carries them."""
        return [*split_headers(self.stored.encode()), ("ce_sequence", b"1")]


def prints(count: int, *, office: str = "17.02", start: int = 0) -> Iterator[Sample]:
    """Completed prints, each of another case, with a traced cause."""
    context = MessageContext(new_id(), new_id(), "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    for number in range(start, start + count):
        event_id = new_id()
        event = PrintCompleted(
            at=AT,
            case_id=new_id(),
            request_id=event_id,
            office=office,
            print_id=new_id(),
            station="P1",
            serial=f"B{number:09d}",
        )
        stored, value = encode(event, id=event_id, source="dispatch", context=context)
        yield Sample(event.key, partition_of(event.key), str(event_id), stored, value)
