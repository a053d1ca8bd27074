"""A receiver of traces as any other: OTLP over HTTP, protobuf. And a trace as a tree for people."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Seen:
    """A span as it arrived. Times are in nanoseconds."""

    service: str
    name: str
    kind: int
    trace: str
    id: str
    parent: str
    start: int
    end: int
    attributes: dict[str, str]
    links: tuple[tuple[str, str], ...]
    """Trace and span ids."""


@dataclass
class Receiver:
    """What arrived so far, and where to send it."""

    endpoint: str
    spans: list[Seen] = field(default_factory=list)

    def named(self, name: str) -> list[Seen]:
        return [span for span in self.spans if span.name == name]

    def trace(self, trace: str) -> list[Seen]:
        return [span for span in self.spans if span.trace == trace]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listens on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            made.spans.extend(_spans(request))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _spans(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for resource in request.resource_spans:
        service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield Seen(
                service,
                span.name,
                span.kind,
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                {a.key: a.value.string_value or str(a.value.int_value) for a in span.attributes},
                tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
            )


def tree(spans: list[Seen]) -> str:
    """A trace as an indented tree: service, span, when it began after the root, and how long it took."""
    ids = {span.id for span in spans}
    first = min(span.start for span in spans)
    lines: list[str] = []

    def show(span: Seen, depth: int) -> None:
        name = "  " * depth + f"{span.service}  {span.name}"
        linked = "  (linked to the request's first trace)" if span.links else ""
        lines.append(f"{name:<68}{(span.start - first) / 1e6:8.1f}{(span.end - span.start) / 1e6:9.1f}{linked}")
        for child in sorted((s for s in spans if s.parent == span.id), key=lambda s: s.start):
            show(child, depth + 1)

    for root in sorted((span for span in spans if span.parent not in ids), key=lambda s: s.start):
        show(root, 0)
    return "\n".join([f"{'span':<68}{'at ms':>8}{'took ms':>9}", *lines])
