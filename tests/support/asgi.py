"""One request to an application in this process; of an answer that streams without end, what it says at first."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PATIENCE = 0.5
"""Seconds of silence after which a stream that has begun has said what it has to say."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


async def ask(
    app: Any,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: object = None,
) -> Answer:
    """Send and read. A stream is left by its reader as a browser leaves one: with a disconnect."""
    raw = isinstance(body, bytes)
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {"host": "services", "content-length": str(len(content)), **(headers or {})}
    if body is not None:
        sent["content-type"] = "application/octet-stream" if raw else "application/json"
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone, given = asyncio.Event(), False

    async def receive() -> dict[str, Any]:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": content, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(query or {}).encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("services", 80),
        "state": {},
    }
    serving = asyncio.create_task(app(scope, receive, messages.put))
    try:
        return await _read(messages, serving)
    finally:
        gone.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _read(messages: "asyncio.Queue[dict[str, Any]]", serving: "asyncio.Task[None]") -> Answer:
    start: dict[str, Any] | None = None
    parts: list[bytes] = []
    while True:
        try:
            # A begun answer may stream for ever; one that has not begun is waited for.
            message = await asyncio.wait_for(messages.get(), PATIENCE if start else 60)
        except TimeoutError:
            break
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
    if start is None:
        await serving
        raise AssertionError("no answer")
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(parts).decode(errors="replace"))
