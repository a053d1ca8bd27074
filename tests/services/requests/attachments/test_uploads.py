"""Uploads on a real socket: what is too large is refused before it is all there, and never fills the memory."""

import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from services.requests.app import build
from services.requests.settings import Settings
from shared.http.protocol import make_server
from shared.security.auth import Role
from tests.services.requests.desk import MORNING, OFFICE, key_file, letter, resident
from tests.shared.http.edge import raw
from tests.support import files
from tests.support.serving import app_of
from tests.support.town import ready, serving

Token = Callable[..., dict[str, str]]
MIB = files.MIB
MOST = 10 * MIB


@pytest.fixture
async def url(settings: Callable[[str], Awaitable[dict[str, object]]], tmp_path: Path) -> AsyncIterator[str]:
    told = Settings.model_validate(
        {
            **await settings("requests"),
            "person_key_file": key_file(tmp_path),
            "attachments_url": (tmp_path / "attachments").as_uri(),
            "port": 0,
        }
    )
    service = build(told)
    with serving({"requests": make_server(app_of(service), told)}) as urls:
        ready(urls["requests"])
        yield urls["requests"]


@pytest.fixture
def path(url: str, token: Token) -> str:
    body = letter(resident(), documents_complete=False)
    filed = httpx.post(f"{url}/requests", json=body, headers=token(Role.OPERATOR, OFFICE)).json()
    query = urlencode({"document": "kk", "at": MORNING})
    return f"/requests/{filed['request_id']}/cases/{filed['case_ids'][0]}/attachments?{query}"


def head(path: str, token: Token, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: {token(Role.OPERATOR, OFFICE)['Authorization']}"]
    return "\r\n".join([*lines, "Content-Type: image/jpeg", *more, "", ""]).encode()


def test_50_mb_are_refused_before_they_come(url: str, path: str, token: Token) -> None:
    status, headers, body = raw(url, head(path, token, "Content-Length: 52428800"))
    assert (status, headers["connection"]) == (413, "close")
    assert "10 MiB" in body.decode()
    assert "resolusi" in body.decode()


def test_an_upload_without_a_length_is_cut_off_at_the_limit(url: str, path: str, token: Token) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        yield files.jpeg()
        for _ in range(200):
            sent += MIB
            yield bytes(MIB)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parts = (b"%x\r\n%b\r\n" % (len(part), part) for part in chunks())
    status, headers, body = raw(url, head(path, token, "Transfer-Encoding: chunked"), more=parts)
    assert (status, headers["connection"]) == (413, "close")
    assert "10 MiB" in body.decode()
    assert sent < 100 * MIB, "the rest was not taken"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 40 * MIB


def test_a_photo_of_nearly_10_mib_is_taken(url: str, path: str, token: Token) -> None:
    photo = files.jpeg() + bytes(MOST - 10_000)
    answer = httpx.post(url + path, content=photo, headers=token(Role.OPERATOR, OFFICE), timeout=60)
    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == len(files.jpeg())


def test_the_length_may_be_larger_on_that_route_alone(url: str, path: str, token: Token) -> None:
    for other in ("/requests", path.replace("attachments", "documents")):
        status, _, body = raw(url, head(other, token, "Content-Length: 3000000"))
        assert (status, b"2 MiB" in body) == (413, True)
