"""Every HTTP request is seen: its context, a line in the log, a count, and a span when its trace is recorded.

Of the address only the route's template is kept: the path and the query may hold what is nobody's business.
"""

import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contract.envelope import TRACEPARENT, MessageContext, current_context
from shared.contract.ids import new_id
from shared.observability.metrics import Metrics
from shared.observability.tracing import Span, Tracing, mark_failed, traceparent_of, unsampled_traceparent

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNLOGGED = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked every few seconds by machines; when all is well they say nothing."""


class RequestMiddleware:
    """Gives each request a message context, sends its correlation id in the response, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self.app = app
        self._metrics, self._tracing = metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        method = scope["method"] if scope["method"] in METHODS else "other"
        context, span = self._begin(method, dict(scope["headers"]).get(b"traceparent", b""))
        scope.setdefault("state", {})["context"] = context

        async def labelled(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-correlation-id", str(context.correlation_id).encode()))
            await send(message)

        hand = current_context.set(context)
        try:
            await self.app(scope, receive, labelled)
        finally:
            # The router leaves the route here; what reached none shares one label.
            route = getattr(scope.get("route"), "path", "none")
            self._end(method, route, status, time.perf_counter() - began, span)
        # After an exception it stays in hand: whoever answers that, outside of here, logs it.
        current_context.reset(hand)

    def _begin(self, method: str, sent: bytes) -> tuple[MessageContext, Span | None]:
        story = MessageContext(new_id(), traceparent=sent.decode() if TRACEPARENT.fullmatch(sent) else None)
        span = self._tracing.request_span(method, story) if self._tracing else None
        trace = traceparent_of(span) if span else story.traceparent or unsampled_traceparent(story.correlation_id)
        return MessageContext(story.correlation_id, traceparent=trace), span

    def _end(self, method: str, route: str, status: int, seconds: float, span: Span | None) -> None:
        self._metrics.request_finished(method, route, status, seconds)
        if route not in UNLOGGED or status >= 500:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
        if span is not None:
            span.update_name(f"{method} {route}")
            span.set_attributes({"http.route": route, "http.response.status_code": status})
            if status >= 500:
                mark_failed(span, str(status))
            span.end()
