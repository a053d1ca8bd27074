"""The edge as one ASGI layer: refuses too many and too much, and lets no answer out without its headers.

An error that nobody foresaw becomes a 500 here and not further out, so that it has the headers and the correlation
id of every other answer.
"""

from collections.abc import Sequence

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.body_limits import Body, BodyLimits, BodyTimeouts, too_large
from shared.http.problem_responses import TITLES, problem_response, status_response
from shared.http.rate_limits import RateLimits, Refusal
from shared.http.security_headers import SecurityHeaders
from shared.service import RouteBodyLimit
from shared.settings import Settings

log = structlog.get_logger()

ONCE = {
    name.lower().encode(): name
    for name in (
        *("Authorization", "Cookie", "Idempotency-Key", "Content-Type", "Content-Length", "Host"),
        *("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "X-Forwarded-Proto"),
    )
}
"""Headers that decide something and have one value: of two, each reader would choose its own."""


class EdgeMiddleware:
    """Wraps an application; `scope["state"]["identity"]`, where a route leaves it, says whose credential was good."""

    def __init__(self, app: ASGIApp, settings: Settings, body_limits: Sequence[RouteBodyLimit] = ()) -> None:
        self.app = app
        self._limits = RateLimits(settings)
        self._headers = SecurityHeaders(settings.csp_form_action)
        self._bounds = BodyLimits(settings.max_body, body_limits)
        self._patience = BodyTimeouts(settings.body_silence, settings.body_time)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        credential, length, twice = _told(scope)
        bound = self._bounds.of(scope)
        body = Body(receive, bound, self._patience)
        host = (scope.get("client") or ("",))[0]
        leaving = _Leaving(scope, body, send, self._headers)
        refusal = self._limits.refusal(credential, host, scope["path"])
        try:
            if refusal is not None:
                await too_many(refusal)(scope, receive, leaving.send)
            elif twice:
                await ambiguous(twice)(scope, receive, leaving.send)
            elif length > bound.max_bytes:
                await too_large(bound)(scope, receive, leaving.send)
            else:
                # Whatever can be got can be asked about: the route answers as to GET, and the body stays here.
                inner = {**scope, "method": "GET"} if leaving.head else scope
                await self.app(inner, body.receive, leaving.send)
                scope.setdefault("route", inner.get("route"))
        except Exception as error:
            log.error("unexpected", error=type(error).__name__, exc_info=error)
            if leaving.status:
                raise  # half an answer is out: the server cuts the connection
            await status_response(500)(scope, receive, leaving.send)
        self._remember(scope, credential, host, leaving.status)

    def _remember(self, scope: Scope, credential: bytes, host: str, status: int) -> None:
        """Count a failure, or learn whose a credential is."""
        if status == 401:
            self._limits.failed(credential, host)
        elif credential and status != 429 and not self._limits.knows(credential):
            # Said by the route that let the caller in.
            identity = scope.get("state", {}).get("identity")
            if identity is not None:
                self._limits.learn(credential, identity.subject)


class _Leaving:
    """An answer on its way out. `status` is 0 until it began."""

    __slots__ = ("_body", "_headers", "_https", "_send", "head", "status")

    def __init__(self, scope: Scope, body: Body, send: Send, headers: SecurityHeaders) -> None:
        self.status = 0
        self.head = scope["method"] == "HEAD"
        self._https = scope["scheme"] == "https"
        self._body, self._send, self._headers = body, send, headers

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers.add(message, https=self._https)
        elif self.head:
            message = {**message, "body": b""}
        if self.status == 413 and message["type"] == "http.response.body":
            # The answer is out at once; the connection closes only after its last, empty part.
            await self._send({**message, "more_body": True})
            await self._body.drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)


def _told(scope: Scope) -> tuple[bytes, int, str]:
    """The caller's credential and the length of the body, as the headers say; and one of `ONCE` that is there twice.

    Whoever shows two credentials has shown none.
    """
    credential, length, twice = b"", 0, ""
    seen = set()
    for name, value in scope["headers"]:
        if name in ONCE:
            twice = ONCE[name] if name in seen else twice
            seen.add(name)
        if name == b"authorization" or (name == b"cookie" and not credential):
            credential = value
        elif name == b"content-length" and value.isdigit():
            length = int(value[:19])
    return b"" if twice else credential, length, twice


def ambiguous(name: str) -> ASGIApp:
    """400: a header that decides something is there more than once."""
    rule = f"header {name} hanya boleh dikirim sekali"
    return problem_response(400, TITLES[400][0], f"Permintaan mendua: {rule}.", [{"field": name, "rule": rule}])


def too_many(refusal: Refusal) -> ASGIApp:
    """429, with the seconds to wait."""
    most, window, seconds = refusal.limit.amount, refusal.limit.get_expiry(), refusal.seconds
    detail = f"Batas {most} permintaan per {window} detik terlampaui. Coba lagi {seconds} detik lagi."
    return problem_response(429, TITLES[429][0], detail, headers=refusal.headers)
