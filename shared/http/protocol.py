"""HTTP/1.1 on the wire: a request's head is bounded, and what is no HTTP gets a problem+json too."""

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.problem_responses import status_response
from shared.http.security_headers import SecurityHeaders
from shared.settings import Settings

MAX_HEAD = 32 * 1024
"""Bytes of request line and headers together."""
MAX_TARGET = 8 * 1024
"""Bytes of path and query."""
HEAD_SECONDS = 10.0
"""Seconds that a request's head may take, from the first byte of it; and a new connection until then."""
SMALL, MANY = 16 * 1024, 16
"""Bytes of one write, and writes, that are gathered."""
_HEADERS = SecurityHeaders()


class BufferedTransport:
    """A transport whose small writes of one turn of the loop go out as one: the head of an answer with its body."""

    def __init__(self, transport: asyncio.WriteTransport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this with what was written in this turn; what is large is not kept waiting."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        if len(data) > SMALL or len(self._held) > MANY:
            self._send()

    def close(self) -> None:
        """Send what is held, then close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            self._transport.write(b"".join(self._held))
            self._held.clear()


class StrictHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits; it has none for the head of a request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._refused = 400
        self._in_head = False
        self._head = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection begins."""
        super().connection_made(BufferedTransport(transport, self.loop))  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection has ended."""
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; a head that does not end is refused before it fills the memory."""
        went_on = self._in_head
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            # What came before this head in the same bytes, another request's body, is not of it.
            self._head = self._head + len(data) if went_on else self._parsed()
            if self._head > MAX_HEAD:
                self._refused = 431
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._head = True, 0
        self._await_head()

    def on_headers_complete(self) -> None:
        """Its head is whole. What is raised here the parser takes for a request that it cannot read."""
        self._in_head = False
        self._head_is_there()
        if len(self.url) > MAX_TARGET:
            self._refused = 414
            raise ValueError("target too long")
        if self._parsed() > MAX_HEAD:
            self._refused = 431
            raise ValueError("headers too large")
        super().on_headers_complete()

    def _await_head(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _head_is_there(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_slow(self) -> None:
        self._late = None
        if self._in_head and (self.cycle is None or self.cycle.response_complete):
            self._refused = 408
            self.send_400_response("")
        else:
            self.transport.close()

    def _parsed(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong and close: where the next request begins is not known."""
        problem = status_response(self._refused, {"Connection": "close"})
        start: dict[str, Any] = {"headers": problem.raw_headers}
        _HEADERS.add(start, https=False)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in start["headers"])
        self.transport.write(STATUS_LINE[self._refused] + head + b"\r\n" + bytes(problem.body))
        self.transport.close()


def make_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """The HTTP server of a service; a client's address is what a trusted proxy says, else the connection's."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        http=StrictHttpProtocol,
        ws="none",
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    return uvicorn.Server(config)
