"""CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the event is the JSON value.

`encode` is what the outbox stores and the relay sends; `decode` is what a consumer makes of any record, ours
or not. A record that can never be handled becomes a `InvalidRecord` with its reason, never an exception.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as ParsedUUID  # noqa: N811  a uuid.UUID, four times as fast to parse
from pydantic import ValidationError

from shared.contract.events import Event
from shared.contract.fields import DeadLetterReason
from shared.contract.ids import new_id

E = TypeVar("E", bound=Event)
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C trace context; anything else that calls itself so is not handed on."""
MAX_BYTES = 1_000_000
"""Of one value, decompressed. The topics refuse larger records; a compressed one may still pass them."""


MAX_SEQUENCE = 2**62
"""Of one key; as in the events, and within a bigint."""


@dataclass(frozen=True, slots=True)
class MessageContext:
    """Where an event comes from: one correlation id for a whole story, the id of what caused it, its trace."""

    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None

    @classmethod
    def new(cls, traceparent: str | None = None) -> "MessageContext":
        """The start of a story."""
        return cls(correlation_id=new_id(), traceparent=traceparent)

    @property
    def cause(self) -> "MessageContext":
        """Itself: a cause and a message can both be in hand."""
        return self


class Message(NamedTuple, Generic[E]):
    """An event as it was received. A tuple: it is made fifty thousand times a second."""

    event: E
    id: UUID
    sequence: int
    headers: Mapping[str, bytes]

    @property
    def cause(self) -> MessageContext:
        """The cause to hand on: this event is what causes whatever follows."""
        correlation, trace = self.headers.get("ce_correlationid"), self.headers.get("traceparent") or b""
        return MessageContext(
            correlation_id=_uuid(correlation) or self.id,
            causation_id=self.id,
            traceparent=trace.decode() if TRACEPARENT.fullmatch(trace) else None,
        )


current_context: ContextVar[MessageContext | Message[Event] | None] = ContextVar("in_hand", default=None)
"""The request or the message that is being worked on. Log lines name it, and its trace is that of what it states."""


def current_traceparent() -> str | None:
    """The traceparent of what is in hand."""
    hand = current_context.get()
    return hand.cause.traceparent if hand else None


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """A record that can never be handled, and why."""

    reason: DeadLetterReason
    detail: str


_ALWAYS = "ce_specversion ce_id ce_source ce_type ce_time ce_subject content-type ce_correlationid"


def encode(event: Event, *, id: UUID, source: str, cause: MessageContext) -> tuple[str, str]:  # noqa: A002
    """Headers and JSON value of an event. The outbox adds `ce_sequence` once the aggregate is locked.

    Headers as the outbox keeps them: a line of their names, then a value a line. No value has a line break.
    """
    names, type_name = _ALWAYS, event.type_name()
    values = f"1.0\n{id}\n/{source}\n{type_name}\n{event.time}\n{event.key}\napplication/json\n{cause.correlation_id}"
    if cause.causation_id:
        names, values = f"{names} ce_causationid", f"{values}\n{cause.causation_id}"
    if cause.traceparent:
        names, values = f"{names} traceparent", f"{values}\n{cause.traceparent}"
    return f"{names}\n{values}", event.model_dump_json()


def split_headers(folded: bytes) -> list[tuple[str, bytes]]:
    """The headers of an outbox row, as Kafka carries them; half the work of JSON, and the relay's main work."""
    names, *values = folded.split(b"\n")
    return list(zip(_names(names), values, strict=True))


@lru_cache(maxsize=1024)
def _names(line: bytes) -> tuple[str, ...]:
    return tuple(line.decode().split())


def _uuid(raw: bytes | None) -> UUID | None:
    try:
        return ParsedUUID(raw.decode()) if raw else None
    except ValueError:
        return None


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], known: Mapping[bytes, type[Event]]
) -> Message[Event] | InvalidRecord | None:
    """A message of a known type; None for a type nobody here handles; a Poison for what is broken.

    `known` maps the content of the header ce_type, `Event.type_name`, to the event's class.
    """
    raw = dict(headers)
    if raw.get("ce_specversion") != b"1.0" or raw.get("ce_type") is None:
        return InvalidRecord(DeadLetterReason.NOT_AN_EVENT, "the headers ce_specversion 1.0 and ce_type are required")
    event_type = known.get(raw["ce_type"])
    if event_type is None:
        return _unknown(raw["ce_type"], known)
    if value is None or len(value) > MAX_BYTES:
        size = 0 if value is None else len(value)
        reason = DeadLetterReason.TOO_LARGE if size else DeadLetterReason.MALFORMED
        return InvalidRecord(reason, f"value of {size} bytes; 1 to {MAX_BYTES} are read")
    try:
        event = event_type.model_validate_json(value)
        sequence = int(raw["ce_sequence"])
        if not 0 < sequence <= MAX_SEQUENCE:
            return InvalidRecord(DeadLetterReason.MALFORMED, f"ce_sequence: 1 to {MAX_SEQUENCE} are read")
        return Message(event, ParsedUUID(raw["ce_id"].decode()), sequence, raw)
    except ValidationError as error:
        return InvalidRecord(DeadLetterReason.MALFORMED, _describe(error))
    # Kafka allows a header without a value: int takes no None, and None has no decode.
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return InvalidRecord(DeadLetterReason.MALFORMED, f"a header is missing or no id: {type(error).__name__}")


def _unknown(type_name: bytes, known: Mapping[bytes, type[Event]]) -> InvalidRecord | None:
    """A Poison for another major version of what is known; None for what is none of our business."""
    name, _, version = type_name.rpartition(b".v")
    for event_type in known.values():
        if event_type.type_name().encode().rpartition(b".v")[0] == name:
            other = version[:9].decode(errors="replace")
            detail = f"{event_type.__name__}: version {event_type.version} is read, not {other}"
            return InvalidRecord(DeadLetterReason.UNKNOWN_VERSION, detail)
    return None


def _describe(error: ValidationError) -> str:
    """The fields and rules that failed, never the values: they may be personal."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return json.dumps([{"field": ".".join(map(str, p["loc"])), "rule": p["msg"]} for p in problems[:10]])
