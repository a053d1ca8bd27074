"""Hostile requests at the one origin, a service behind it: each has one answer, whatever its bytes happen to meet."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ops.platform import CaddyServer, PortBook
from ops.system import Issuer
from ops.system.gateway import caddyfile, variables
from ops.system.services import SERVICES
from shared.http.protocol import make_server
from tests.shared.http.edge import app, raw, told
from tests.support.town import serving

Gateway = Callable[..., str]
LARGE = 4_000_000
WHOLE = b"Content-Length: %d\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n"


@pytest.fixture
def gateway(issuer: Issuer, tmp_path: Path) -> Iterator[Gateway]:
    """`gateway(body_max=..., max_body=...)`: the address of Caddy before one service; and what each takes."""
    with ExitStack() as stack:

        def start(body_max: int = 10_485_760, **changes: object) -> str:
            settings = told(issuer, environment="development", **changes)
            url = stack.enter_context(serving({"uji": make_server(app(settings), settings)}))["uji"]
            (port,) = PortBook(tmp_path / "ports.json").settle("gateway")
            places = variables(port, dict.fromkeys(SERVICES, urlsplit(url).netloc))
            caddy = CaddyServer(tmp_path / "caddy", caddyfile(), port, {**places, "BODY_MAX": str(body_max)})
            caddy.launch()
            stack.callback(caddy.stop)
            caddy.await_ready()
            return caddy.url

        yield start


def head(url: str, *more: bytes, to: bytes = b"POST /api/requests/things") -> bytes:
    """The first bytes of a request, to which the headers of its body are added."""
    lines = [to + b" HTTP/1.1", f"Host: {urlsplit(url).netloc}".encode(), *more, b"Connection: close"]
    return b"\r\n".join([*lines, b"Content-Type: application/json", b""])


@pytest.mark.parametrize(
    "bounds",
    [{"max_body": 100_000}, {"max_body": 100_000_000, "body_max": 100_000}, {"max_body": 9_000, "body_max": 9_000}],
    ids=["the service's", "the gateway's", "both"],
)
def test_a_body_that_is_too_large_is_told_so_every_time(gateway: Gateway, bounds: dict[str, int]) -> None:
    url = gateway(**bounds)
    for _ in range(12):
        for said, end in ((WHOLE, b""), (CHUNKED, b"\r\n0\r\n\r\n")):
            status, headers, body = raw(url, head(url) + said % LARGE, b"x" * LARGE + end)
            assert (status, headers["content-type"]) == (413, "application/problem+json")
            assert json.loads(body)["status"] == 413


@pytest.mark.parametrize("said", [WHOLE % 1000 + b"x", CHUNKED % 1000 + b"x"], ids=["with a length", "in chunks"])
def test_a_body_that_falls_silent_is_given_up(gateway: Gateway, said: bytes) -> None:
    url = gateway(body_silence=0.5)
    began = time.monotonic()
    status, headers, body = raw(url, head(url) + said)
    assert (status, headers["content-type"]) == (408, "application/problem+json"), body
    assert 0.5 <= time.monotonic() - began < 10


def test_of_two_headers_none_is_chosen(gateway: Gateway) -> None:
    url = gateway()
    two = (b"Authorization: Bearer satu", b"Authorization: Bearer dua")
    status, _, body = raw(url, head(url, *two, to=b"GET /api/requests/things") + b"\r\n")
    assert (status, json.loads(body)["errors"][0]["field"]) == (400, "Authorization")


def test_whoever_asks_for_another_name_is_told_so(gateway: Gateway) -> None:
    url = gateway()
    for path in (b"/", b"/health", b"/api/requests/things", b"/lacak"):
        status, headers, body = raw(
            url, b"GET " + path + b" HTTP/1.1\r\nHost: lain.example\r\nConnection: close\r\n\r\n"
        )
        assert (status, headers["content-type"], json.loads(body)["status"]) == (421, "application/problem+json", 421)
