"""CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the event is the JSON value.

`encode` is what the outbox stores and the relay sends; `decode` is what a consumer makes of any record, ours
or not. A record that can never be handled becomes a `Poison` with its reason, never an exception.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError

from shared.events import Event
from shared.fields import DeadLetterReason
from shared.ids import new_id

E = TypeVar("E", bound=Event)
MAX_BYTES = 1_000_000
"""Of one value, decompressed. The topics refuse larger records; a compressed one may still pass them."""
PREFIX = "id.jemputbola."


@dataclass(frozen=True, slots=True)
class Cause:
    """Where an event comes from: one correlation id for a whole story, the id of what caused it, its trace."""

    correlation_id: UUID
    causation_id: UUID | None = None
    traceparent: str | None = None

    @classmethod
    def new(cls, traceparent: str | None = None) -> "Cause":
        """The start of a story."""
        return cls(correlation_id=new_id(), traceparent=traceparent)


@dataclass(frozen=True, slots=True)
class Message(Generic[E]):
    """An event as it was received."""

    event: E
    id: UUID
    sequence: int
    cause: Cause
    """The cause to hand on: this event is what causes whatever follows."""
    value: bytes


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that can never be handled, and why."""

    reason: DeadLetterReason
    detail: str


def encode(event: Event, *, id: UUID, source: str, cause: Cause) -> tuple[list[tuple[str, str]], str]:  # noqa: A002
    """Headers and JSON value of an event. The outbox adds `ce_sequence` once the aggregate is locked."""
    headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", str(id)),
        ("ce_source", f"/{source}"),
        ("ce_type", event.type_name()),
        ("ce_time", _timestamp(event.at)),
        ("ce_subject", event.key),
        ("content-type", "application/json"),
        ("ce_correlationid", str(cause.correlation_id)),
    ]
    if cause.causation_id:
        headers.append(("ce_causationid", str(cause.causation_id)))
    if cause.traceparent:
        headers.append(("traceparent", cause.traceparent))
    return headers, event.model_dump_json()


def _timestamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def split_type(name: str) -> tuple[str, str]:
    """("PrintCompleted", "1") of "id.jemputbola.PrintCompleted.v1"; ("", "") of anything else."""
    if not name.startswith(PREFIX):
        return "", ""
    head, _, version = name[len(PREFIX) :].rpartition(".v")
    return head, version


def decode(
    value: bytes | None, headers: Sequence[tuple[str, bytes]], known: Mapping[str, type[Event]]
) -> Message[Event] | Poison | None:
    """A message of a known type; None for a type nobody here handles; a Poison for what is broken.

    `known` maps an event's class name to its class.
    """
    # Kafka allows a header without a value: here it counts as absent.
    raw = {name: content for name, content in headers if content is not None}
    if raw.get("ce_specversion") != b"1.0" or "ce_type" not in raw:
        return Poison(DeadLetterReason.NOT_AN_EVENT, "the headers ce_specversion 1.0 and ce_type are required")
    name, version = split_type(raw["ce_type"].decode(errors="replace"))
    event_type = known.get(name)
    if event_type is None:
        return None
    if version != str(event_type.version):
        return Poison(
            DeadLetterReason.UNKNOWN_VERSION,
            f"{name}: version {event_type.version} is read, not {version[:9]}",
        )
    if value is None or len(value) > MAX_BYTES:
        size = 0 if value is None else len(value)
        reason = DeadLetterReason.TOO_LARGE if size else DeadLetterReason.MALFORMED
        return Poison(reason, f"value of {size} bytes; 1 to {MAX_BYTES} are read")
    try:
        event = event_type.model_validate_json(value)
        id = UUID(raw["ce_id"].decode())  # noqa: A001
        cause = Cause(
            correlation_id=UUID(raw["ce_correlationid"].decode()) if "ce_correlationid" in raw else id,
            causation_id=id,
            traceparent=raw["traceparent"].decode() if "traceparent" in raw else None,
        )
        sequence = int(raw["ce_sequence"])
    except ValidationError as error:
        return Poison(DeadLetterReason.MALFORMED, _describe(error))
    except KeyError as error:
        return Poison(DeadLetterReason.MALFORMED, f"header {error.args[0]} is missing")
    except ValueError as error:
        return Poison(DeadLetterReason.MALFORMED, f"a header cannot be read: {type(error).__name__}")
    return Message(event, id, sequence, cause, value)


def _describe(error: ValidationError) -> str:
    """The fields and rules that failed, never the values: they may be personal."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return json.dumps([{"field": ".".join(map(str, p["loc"])), "rule": p["msg"]} for p in problems[:10]])
