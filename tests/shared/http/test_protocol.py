"""Bytes on a real socket: what is too large is refused before it is all there, and what is no HTTP is told so."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from ops.system import Issuer
from shared.http import protocol
from shared.http.middleware import ONCE
from shared.http.protocol import SMALL, BufferedTransport, make_server
from tests.shared.http.edge import app, raw, told
from tests.support.town import serving

HEAD = b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNK = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"


@pytest.fixture
def url(issuer: Issuer) -> Iterator[str]:
    settings = told(issuer, max_body=100_000, body_silence=0.4, body_time=1.5)
    with serving({"uji": make_server(app(settings), settings)}) as urls:
        yield urls["uji"]


def must_be(url: str, status: int, *parts: bytes) -> None:
    answered, headers, body = raw(url, *parts)
    assert (answered, headers["content-type"]) == (status, "application/problem+json"), body
    assert json.loads(body)["status"] == status
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(body)


def test_a_too_large_length_is_refused_before_the_body_comes(url: str) -> None:
    must_be(url, 413, HEAD + b"Content-Length: 100001\r\n\r\n")
    must_be(url, 413, HEAD + b"Content-Length: %d\r\n\r\n" % 10**18)


def test_a_body_without_length_is_refused_once_too_large(url: str) -> None:
    must_be(url, 413, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[CHUNK] * 4)


def test_whoever_is_still_sending_reads_the_answer_too(url: str) -> None:
    for _ in range(10):
        must_be(url, 413, HEAD + b"Content-Length: 8000000\r\n\r\n", b"x" * 8_000_000)
        must_be(url, 413, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[CHUNK] * 250, b"0\r\n\r\n")


def test_a_body_that_falls_silent_or_takes_for_ever_is_given_up(url: str) -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(100):
            yield b"1\r\nx\r\n"
            time.sleep(0.1)

    began = time.monotonic()
    must_be(url, 408, HEAD + b"Content-Length: 100\r\n\r\nx")
    must_be(url, 408, HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
    assert raw(url, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", more=drops())[0] == 408
    assert time.monotonic() - began < 9


def test_a_head_that_does_not_come_is_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    must_be(url, 408, b"GET /open HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    where = urlsplit(url)
    with socket.create_connection((str(where.hostname), where.port or 80), timeout=10) as silent:
        assert silent.recv(1) == b""


@pytest.mark.parametrize("name", ONCE.values())
def test_of_two_headers_that_decide_none_is_chosen(url: str, name: str) -> None:
    # Host and Content-Length differ: a parser may refuse these by itself.
    lines = f"{name}: 1\r\n{name}: 2\r\n".encode()
    status, headers, body = raw(url, b"GET /open HTTP/1.1\r\nConnection: close\r\n" + lines + b"\r\n")
    assert (status, headers["content-type"]) == (400, "application/problem+json"), body
    once = raw(url, b"GET /open HTTP/1.1\r\nConnection: close\r\n" + f"{name}: 1\r\n\r\n1".encode())
    assert once[0] == 200


def test_a_body_up_to_the_limit_is_taken_whole_or_in_chunks(url: str) -> None:
    body = b'{"name":"' + b"x" * (100_000 - 11) + b'"}'
    end = b"Connection: close\r\n"
    whole = raw(url, HEAD + end + b"Content-Length: %d\r\n\r\n" % len(body), body)
    assert (whole[0], whole[2]) == (200, b"99989")
    chunked = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:50_000], body[50_000:])]
    taken = raw(url, HEAD + end + b"Transfer-Encoding: chunked\r\n\r\n", *chunked, b"0\r\n\r\n")
    assert (taken[0], taken[2]) == (200, b"99989")


def test_two_requests_on_one_connection_are_both_answered(url: str) -> None:
    body = b'{"name":"' + b"x" * 60_000 + b'"}'
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    second = b"GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    _, _, rest = raw(url, first + second, to_the_end=True)
    assert rest.startswith(b"60000HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (400, [b"\x16\x03\x01 this is no HTTP\r\n\r\n"]),
        (414, [b"GET /open?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"]),
        (431, [b"GET /open HTTP/1.1\r\nHost: x\r\nCookie: " + b"x" * 33_000 + b"\r\n\r\n"]),
        (431, [b"GET /open HTTP/1.1\r\nHost: x\r\n", *[b"X-%d: %b\r\n" % (n, b"x" * 1000) for n in range(100)]]),
        # A header that never ends must not be kept.
        (431, [b"GET /open HTTP/1.1\r\nCookie: ", *[b"x" * 65536] * 16]),
    ],
)
def test_a_head_that_is_too_large_or_none_is_refused(url: str, status: int, parts: list[bytes]) -> None:
    must_be(url, status, *parts)


def test_an_upgrade_is_not_offered(url: str) -> None:
    asked = b"GET /open HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert raw(url, asked + b"GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0] == 200


class Written:
    """A transport that keeps what it is told."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def close(self) -> None:
        self.writes.append(b"closed")


async def turn() -> None:
    """What was to be done in this turn of the loop is done."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_soon(done.set_result, None)
    await done


async def test_what_is_written_in_one_turn_is_one_write() -> None:
    below = Written()
    out = BufferedTransport(below, asyncio.get_running_loop())  # type: ignore[arg-type]
    out.write(b"head ")
    out.write(b"body")
    assert below.writes == []
    await turn()
    out.write(b"next")
    await turn()
    assert below.writes == [b"head body", b"next"]


async def test_what_is_large_or_last_is_sent_at_once_and_in_order() -> None:
    below, large = Written(), b"x" * (SMALL + 1)
    out = BufferedTransport(below, asyncio.get_running_loop())  # type: ignore[arg-type]
    out.write(b"head ")
    out.write(large)
    out.write(b"tail")
    out.close()
    await turn()
    assert below.writes == [b"head " + large, b"tail", b"closed"]
