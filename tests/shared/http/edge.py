"""A small application behind the edge, and requests to it that no client library would send."""

import socket
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from fastapi import Depends
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from ops.system import Issuer
from shared.http.application import Api
from shared.security.auth import Identity, Role, allow
from shared.serving import trusted_keys
from shared.settings import Settings

SECRET = "1702061708500001"


class Thing(BaseModel):
    name: str


def told(issuer: Issuer, **changes: Any) -> Settings:
    """Settings of a service that has neither database nor broker."""
    nowhere = {"database_url": "postgresql://x", "kafka_bootstrap_servers": "x", "jwks_file": issuer.jwks_file}
    return Settings.model_validate({**nowhere, "port": 0, **changes})


def fail() -> None:
    """What nobody foresaw."""
    raise RuntimeError(SECRET)


def app(settings: Settings, broken: Callable[[], Any] = fail) -> Api:
    """Routes of each kind: open, with a role, with a body, a page, and one that breaks."""
    made = Api("uji", settings)
    made.state.production, made.state.keys = settings.production, trusted_keys(settings)

    @made.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @made.get("/open")
    async def opened() -> dict[str, str]:
        return {}

    @made.get("/things")
    async def things(who: Annotated[Identity, Depends(allow(Role.OPS))]) -> dict[str, str]:
        return {"subject": who.subject}

    @made.post("/things")
    async def add(thing: Thing) -> int:
        return len(thing.name)

    @made.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>Halaman</p>", headers={"Cache-Control": "private"})

    made.get("/broken", response_model=None)(lambda: broken())
    return made


def client(settings: Settings, address: str = "192.0.2.1") -> Callable[[str], httpx.AsyncClient]:
    """`at = client(settings); at("192.0.2.1")`: callers of one application by their address."""
    shared = app(settings)

    def at(address: str = address) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(shared, client=(address, 1)), base_url="http://uji")

    return at


def raw(
    url: str, *parts: bytes, more: Iterable[bytes] = (), to_the_end: bool = False
) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are, `more` of them made one by one.

    Returns status, headers and body of the answer, up to its told length; `to_the_end` of the connection, also all
    that follows it.
    """
    where = urlsplit(url)
    with socket.create_connection((str(where.hostname), where.port or 80), timeout=20) as connection:
        answer = b""
        try:
            for part in chain(parts, more):
                connection.sendall(part)
        except OSError:
            pass  # refused while we were still sending: the answer is there all the same
        while to_the_end or not is_whole(answer):
            try:
                received = connection.recv(65536)
            except ConnectionResetError:
                break
            answer += received
            if not received:
                break
    return parted(answer)


def parted(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by their names in small letters, and body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


def is_whole(answer: bytes) -> bool:
    """Whether as much of an answer is there as it tells."""
    if b"\r\n\r\n" not in answer:
        return False
    _, headers, body = parted(answer)
    return "content-length" in headers and len(body) >= int(headers["content-length"])
