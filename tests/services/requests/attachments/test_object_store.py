"""One contract for every store: a folder, and a bucket of an S3-compatible server that speaks HTTP on a socket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

from services.requests.attachments.object_store import ObjectStore, StoreUnavailable
from shared.problems import NotFound

LARGE = bytes(range(256)) * 32 * 1024
"""8 MiB: more than a part of an upload in parts."""


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "folder":
        return ObjectStore((tmp_path / "lampiran di sini").as_uri())
    endpoint = request.getfixturevalue("s3")
    bucket = f"kantor-{uuid4().hex[:8]}"
    assert httpx.put(f"{endpoint}/{bucket}").status_code == 200
    told = {"ENDPOINT_URL": endpoint, "REGION": "us-east-1", "ACCESS_KEY_ID": "uji", "SECRET_ACCESS_KEY": "uji"}
    for name, value in told.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return ObjectStore(f"s3://{bucket}/lampiran")


async def all_of(shelf: ObjectStore, moment: datetime) -> list[UUID]:
    return sorted([name async for page in shelf.older_than(moment) for name in page])


async def test_what_is_put_is_there_until_it_is_deleted(shelf: ObjectStore) -> None:
    first, second = sorted([uuid4(), uuid4()])
    await shelf.put(first, LARGE)
    await shelf.put(second, b"x")
    assert await shelf.get(first) == LARGE
    now = datetime.now(UTC)
    assert await all_of(shelf, now + timedelta(minutes=1)) == [first, second]
    assert await all_of(shelf, now - timedelta(minutes=1)) == []
    await shelf.delete([first, uuid4()])
    assert await all_of(shelf, now + timedelta(minutes=1)) == [second]
    with pytest.raises(NotFound):
        await shelf.get(first)
    assert await shelf.get(second) == b"x"


async def test_a_bucket_that_is_not_there_or_does_not_answer_is_away(
    s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    for endpoint in (s3, "http://127.0.0.1:1"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "uji")
        with pytest.raises(StoreUnavailable) as away:
            await ObjectStore("s3://tidak-ada/lampiran").put(uuid4(), b"x")
        assert "127.0.0.1" not in away.value.detail


async def test_a_folder_that_cannot_be_made_is_away() -> None:
    with pytest.raises(StoreUnavailable):
        await ObjectStore("file:///proc/1/fdinfo/lampiran").put(uuid4(), b"x")
