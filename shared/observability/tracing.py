"""Distributed tracing: one trace per command across services, from HTTP through outbox, publish and consume.

Tracing is off unless an OTLP endpoint is set. A span is made only for a sampled trace, according to the `traceparent`
of each request and event. Spans contain ids, types and route templates, and no personal data.

The first trace of a correlation id has a trace id equal to it, and the id of its root span is the second half of it.
So a later trace about the same request can link to that root span, and nothing must be stored for it.
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

__all__ = ["Span", "Tracing", "end_all", "mark_failed", "sampled", "traceparent_of", "unsampled_traceparent"]

E = TypeVar("E", bound=Event)
Row = tuple[object, ...]
_HALF = (1 << 64) - 1
_root: ContextVar[UUID | None] = ContextVar("root", default=None)


class Tracing:
    """Makes the spans of one service and exports them by OTLP. Lost spans are never an error."""

    def __init__(self, service: str, endpoint: str, version: str, share: float) -> None:
        resource = Resource.create({"service.name": service, "service.version": version})
        self._share = share
        self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False, id_generator=_RootIds())
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
        self._tracer = self._provider.get_tracer("jemput-bola")

    @classmethod
    def of(cls, service: str, settings: Settings) -> "Tracing | None":
        """The tracing of a service; None when no OTLP endpoint is set."""
        endpoint, share = settings.otel_exporter_otlp_endpoint, settings.otel_traces_sampler_arg
        return cls(service, endpoint, settings.version, share) if endpoint else None

    async def close(self) -> None:
        """Export the remaining spans. Returns after 5 seconds at most."""
        await asyncio.wait({asyncio.create_task(asyncio.to_thread(self._provider.shutdown))}, timeout=5)

    def request_span(self, method: str, context: MessageContext) -> Span | None:
        """Start the span of a request, in the caller's trace or as a root span. Returns None if it is not sampled."""
        parent = context.traceparent
        if not (sampled(parent) if parent else random.random() < self._share):  # noqa: S311  not for a secret
            return None
        token = _root.set(None if parent else context.correlation_id)
        try:
            return self._tracer.start_span(
                method,
                _child_of(parent) if parent else None,
                SpanKind.SERVER,
                {"http.request.method": method, "correlation_id": str(context.correlation_id)},
            )
        finally:
            _root.reset(token)

    def consumed(self, group: str, message: Message[E], spans: list[Span]) -> Message[E]:
        """The message with a new consume span as its parent. The span is added to `spans`; the caller ends it."""
        # Kafka allows a header without a value.
        parent = (message.headers.get("traceparent") or b"").decode(errors="replace")
        if not sampled(parent):
            return message
        event = type(message.event).__name__
        span = self._tracer.start_span(
            f"consume {event}",
            _child_of(parent),
            SpanKind.CONSUMER,
            {
                "group": group,
                "event": event,
                "event_id": str(message.id),
                "correlation_id": str(message.context.correlation_id),
            },
        )
        spans.append(span)
        return message._replace(headers={**message.headers, "traceparent": traceparent_of(span).encode()})

    def published(self, rows: Iterable[asyncpg.Record], spans: list[Span]) -> list[Row]:
        """The outbox rows, each with a new publish span as its parent. The spans are added to `spans`.

        A second span, which ends now, covers the time that the event waited in the outbox.
        """
        return [self._published(tuple(row), spans) for row in rows]

    def _published(self, row: Row, spans: list[Span]) -> Row:
        number, topic, partition, key, sequence, stored_headers, value = row
        assert isinstance(stored_headers, bytes)
        headers = {name: content.decode() for name, content in split_headers(stored_headers)}
        parent = headers.get("traceparent", "")
        if not sampled(parent):
            return row
        event_id, correlation_id = UUID(headers["ce_id"]), UUID(headers["ce_correlationid"])
        event = headers["ce_type"].split(".")[-2]
        about = {"event": event, "event_id": str(event_id), "correlation_id": str(correlation_id)}
        recorded_at = (event_id.int >> 80) * 1_000_000  # a UUIDv7 begins with the millisecond
        outbox = self._tracer.start_span(
            f"outbox {event}",
            _child_of(parent),
            SpanKind.INTERNAL,
            about,
            _root_link(parent, correlation_id),
            recorded_at,
        )
        outbox.end()
        span = self._tracer.start_span(
            f"publish {event}", trace.set_span_in_context(outbox), SpanKind.PRODUCER, {**about, "topic": str(topic)}
        )
        spans.append(span)
        # A traceparent occurs once in the headers.
        stored_headers = stored_headers.replace(parent.encode(), traceparent_of(span).encode())
        return number, topic, partition, key, sequence, stored_headers, value


class _RootIds(RandomIdGenerator):
    """Random ids; for a root span the ids that follow from the correlation id."""

    def generate_trace_id(self) -> int:
        root = _root.get()
        return root.int if root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        root = _root.get()
        return root.int & _HALF if root else super().generate_span_id()

    def is_trace_id_random(self) -> bool:
        return False  # a UUIDv7 begins with the time


def unsampled_traceparent(correlation_id: UUID) -> str:
    """The traceparent of a request that is not sampled."""
    return f"00-{correlation_id.hex}-{correlation_id.int & _HALF:016x}-00"


def sampled(traceparent: str | None) -> bool:
    """Whether the trace is recorded."""
    if traceparent is None or not TRACEPARENT.fullmatch(traceparent.encode()):
        return False
    return int(traceparent[-2:], 16) & TraceFlags.SAMPLED == TraceFlags.SAMPLED


def traceparent_of(span: Span) -> str:
    """The traceparent of a span, for the messages that follow from it."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def end_all(spans: Iterable[Span]) -> None:
    """End the spans now."""
    now = time.time_ns()
    for span in spans:
        span.end(now)


def mark_failed(span: Span, reason: str) -> None:
    """Mark a span as an error."""
    span.set_status(Status(StatusCode.ERROR, reason))


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _child_of(traceparent: str) -> Context:
    _, trace_id, span_id, _ = traceparent.split("-")
    return trace.set_span_in_context(NonRecordingSpan(_context(int(trace_id, 16), int(span_id, 16))))


def _root_link(traceparent: str, correlation_id: UUID) -> list[Link]:
    """A link to the root span of the correlation id; none when the traceparent is in the same trace."""
    if int(traceparent[3:35], 16) == correlation_id.int:
        return []
    return [Link(_context(correlation_id.int, correlation_id.int & _HALF), {"story": str(correlation_id)})]
