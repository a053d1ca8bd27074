"""One trace a command, across services: HTTP, outbox, publish, consume, and what that causes in turn.

Off unless an OTLP endpoint is set, and then nothing is made of it. A span is made only for what is sampled: the
`traceparent` that travels with each event says so. Spans carry ids, types and route templates, never a person.

A story begins with a trace id equal to its correlation id, and a root span named by that id's last half. So
whatever happens to a request days later, in a trace of its own, can link to the beginning with nothing stored.
"""

import asyncio
import random
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TypeVar
from uuid import UUID

import asyncpg
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from shared.contract.envelope import TRACEPARENT, Message, MessageContext, split_headers
from shared.contract.events import Event
from shared.settings import Settings

__all__ = ["Span", "Tracing", "end_all", "failed", "sampled", "traceparent_of", "untraced"]

E = TypeVar("E", bound=Event)
Row = tuple[object, ...]
_HALF = (1 << 64) - 1
_root: ContextVar[UUID | None] = ContextVar("root", default=None)


class Tracing:
    """The spans of one service, on their way to an OTLP receiver. Losing some is never an error."""

    def __init__(self, service: str, endpoint: str, version: str, share: float) -> None:
        resource = Resource.create({"service.name": service, "service.version": version})
        self._share = share
        self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=_StoryIds())
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
        self._tracer = self._provider.get_tracer("jemput-bola")

    @classmethod
    def of(cls, service: str, settings: Settings) -> "Tracing | None":
        """Nothing while no endpoint is set."""
        endpoint, share = settings.otel_exporter_otlp_endpoint, settings.otel_traces_sampler_arg
        return cls(service, endpoint, settings.version, share) if endpoint else None

    async def close(self) -> None:
        """Send what is left, five seconds at the most."""
        await asyncio.wait({asyncio.create_task(asyncio.to_thread(self._provider.shutdown))}, timeout=5)

    def served(self, method: str, cause: MessageContext) -> Span | None:
        """A request begins: as part of the caller's trace, or as the root of its story's; None if not sampled."""
        sent = cause.traceparent
        if not (sampled(sent) if sent else random.random() < self._share):  # noqa: S311  no secret hangs on it
            return None
        token = _root.set(None if sent else cause.correlation_id)
        try:
            return self._tracer.start_span(
                method,
                _below(sent) if sent else None,
                SpanKind.SERVER,
                {"http.request.method": method, "correlation_id": str(cause.correlation_id)},
            )
        finally:
            _root.reset(token)

    def taken(self, group: str, message: Message[E], spans: list[Span]) -> Message[E]:
        """The message below a span of its own, which the caller ends with the batch."""
        # Kafka allows a header without a value.
        sent = (message.headers.get("traceparent") or b"").decode(errors="replace")
        if not sampled(sent):
            return message
        event, cause = type(message.event).__name__, message.cause
        span = self._tracer.start_span(
            f"consume {event}",
            _below(sent),
            SpanKind.CONSUMER,
            {
                "group": group,
                "event": event,
                "event_id": str(message.id),
                "correlation_id": str(cause.correlation_id),
            },
        )
        spans.append(span)
        return message._replace(headers={**message.headers, "traceparent": traceparent_of(span).encode()})

    def sending(self, rows: Iterable[asyncpg.Record], spans: list[Span]) -> list[Row]:
        """Outbox rows below a span each: one for the wait in the outbox, and one for the way to the broker."""
        return [self._sent(tuple(row), spans) for row in rows]

    def _sent(self, row: Row, spans: list[Span]) -> Row:
        number, topic, partition, key, sequence, folded, value = row
        assert isinstance(folded, bytes)
        headers = {name: content.decode() for name, content in split_headers(folded)}
        sent = headers.get("traceparent", "")
        if not sampled(sent):
            return row
        event_id, story = UUID(headers["ce_id"]), UUID(headers["ce_correlationid"])
        event = headers["ce_type"].split(".")[-2]
        about = {"event": event, "event_id": str(event_id), "correlation_id": str(story)}
        written = (event_id.int >> 80) * 1_000_000  # a UUIDv7 begins with the millisecond
        outbox = self._tracer.start_span(
            f"outbox {event}", _below(sent), SpanKind.INTERNAL, about, _beginning(sent, story), written
        )
        outbox.end()
        span = self._tracer.start_span(
            f"publish {event}", trace.set_span_in_context(outbox), SpanKind.PRODUCER, {**about, "topic": str(topic)}
        )
        spans.append(span)
        # Of the same length, and nowhere else in the line of headers.
        folded = folded.replace(sent.encode(), traceparent_of(span).encode())
        return number, topic, partition, key, sequence, folded, value


class _StoryIds(RandomIdGenerator):
    """Random ids, except for the root of a story."""

    def generate_trace_id(self) -> int:
        root = _root.get()
        return root.int if root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        root = _root.get()
        return root.int & _HALF if root else super().generate_span_id()

    def is_trace_id_random(self) -> bool:
        return False  # a UUIDv7 begins with the time


def untraced(correlation_id: UUID) -> str:
    """The traceparent of a story that nobody records."""
    return f"00-{correlation_id.hex}-{correlation_id.int & _HALF:016x}-00"


def sampled(traceparent: str | None) -> bool:
    """Whether the trace is recorded."""
    if traceparent is None or not TRACEPARENT.fullmatch(traceparent.encode()):
        return False
    return int(traceparent[-2:], 16) & TraceFlags.SAMPLED == TraceFlags.SAMPLED


def traceparent_of(span: Span) -> str:
    """What travels on from a span."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def end_all(spans: Iterable[Span]) -> None:
    """They took until now."""
    now = time.time_ns()
    for span in spans:
        span.end(now)


def failed(span: Span, reason: str) -> None:
    """Mark a span as an error."""
    span.set_status(Status(StatusCode.ERROR, reason))


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _below(traceparent: str) -> Context:
    _, trace_id, span_id, _ = traceparent.split("-")
    return trace.set_span_in_context(NonRecordingSpan(_context(int(trace_id, 16), int(span_id, 16))))


def _beginning(traceparent: str, story: UUID) -> list[Link]:
    """A link to the root of the story, from a trace that is another one."""
    if int(traceparent[3:35], 16) == story.int:
        return []
    return [Link(_context(story.int, story.int & _HALF), {"story": str(story)})]
