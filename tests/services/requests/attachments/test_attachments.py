"""Papers of a case as files: sealed before they are stored, lent by links that end, gone with their case."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.requests import encryption, privacy
from services.requests.attachments import cleanup
from services.requests.attachments.links import AttachmentLinks
from services.requests.attachments.object_store import ObjectStore
from services.requests.attachments.uploads import TooManyUploads, UploadLimiter
from services.requests.encryption import Vault
from services.requests.maintenance import erase_person
from services.requests.privacy import ErasureGround
from services.requests.store.erasures import Erasure
from shared.contract.events import CaseClosed, RecordCaptured, VisitScheduled
from shared.contract.ids import new_id
from shared.security.auth import Identity, Role
from tests.services.requests.desk import MORNING, Desk, fact, letter, resident
from tests.support import files

OPS = Identity.of("ops:penguji", Role.OPS, "")
NEIGHBOUR = "17.71"
PASSED = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "attachments"


class Case:
    """A case at the desk, and what is attached to it."""

    def __init__(self, desk: Desk, filed: dict[str, Any]) -> None:
        self.desk, self.filed = desk, filed
        self.id = filed["case_ids"][0]
        self.path = f"/requests/{filed['request_id']}/cases/{self.id}/attachments"

    async def attach(
        self,
        content: bytes,
        document: str = "kk",
        role: Role = Role.OPERATOR,
        wilayah: str = "17.02",
        key: UUID | None = None,
        at: str | None = MORNING,
        **headers: str,
    ) -> httpx.Response:
        told = {**self.desk.token(role, wilayah), "Idempotency-Key": str(key or new_id()), **headers}
        query = {"document": document, **({"at": at} if at else {})}
        return await self.desk.http.post(self.path, params=query, content=content, headers=told)

    async def attached(self, content: bytes = b"", document: str = "kk") -> str:
        answer = await self.attach(content or files.png(), document)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["attachment_id"])

    async def link(self, attachment_id: str, role: Role = Role.OFFICER, wilayah: str = "17.02") -> httpx.Response:
        path = f"{self.path}/{attachment_id}/link"
        return await self.desk.post(path, {"purpose": "kunjungan"}, role, wilayah)

    async def opened(self, attachment_id: str) -> httpx.Response:
        answer = await self.link(attachment_id)
        assert answer.status_code == 200, answer.text
        return await self.desk.http.get(answer.json()["url"])

    async def remove(self, attachment_id: str, wilayah: str = "17.02") -> httpx.Response:
        path = f"{self.path}/{attachment_id}"
        return await self.desk.http.delete(path, headers=self.desk.token(Role.OPERATOR, wilayah))

    async def listed(self) -> list[dict[str, Any]]:
        return list((await self.desk.get(self.path)).json()["items"])


@pytest.fixture
async def case(desk: Desk) -> Case:
    return Case(desk, await desk.file(documents_complete=False))


def stored(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()] if folder.exists() else []


@pytest.mark.parametrize(
    ("content", "kind", "shown"),
    [
        (files.png(), "image/png", 'inline; filename="kk.png"'),
        (files.jpeg(), "image/jpeg", 'inline; filename="kk.jpg"'),
        (files.pdf(), "application/pdf", 'attachment; filename="kk.pdf"'),
    ],
    ids=["png", "jpeg", "pdf"],
)
async def test_a_paper_is_sealed_in_the_store_and_opens_by_its_link(
    case: Case, folder: Path, content: bytes, kind: str, shown: str
) -> None:
    answer = await case.attach(content, **{"Content-Type": "text/html"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["document"], told["type"], told["size"], told["by"]) == ("kk", kind, len(content), "penguji")
    assert await case.listed() == [told]
    [file] = stored(folder)
    assert file.name == told["attachment_id"]
    assert len(file.read_bytes()) == len(content) + 12 + 16  # nonce and tag
    assert content[:40] not in file.read_bytes()

    opened = await case.opened(told["attachment_id"])
    assert (opened.status_code, opened.content) == (200, content)
    assert opened.headers["content-type"] == kind
    assert opened.headers["content-disposition"] == shown
    assert opened.headers["cache-control"] == "no-store"
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert opened.headers.get_list("content-security-policy")[0].startswith("sandbox; default-src 'none'")


async def test_an_attached_paper_counts_and_the_last_one_accepts(desk: Desk, case: Case) -> None:
    missing = case.filed["cases"][0]["missing"]
    assert missing
    for document in missing:
        assert await desk.told("CaseAdded") == []
        await case.attached(document=document)
    shown = await desk.case(case.filed["request_id"])
    assert (shown["stage"], shown["missing"]) == ("accepted", [])
    assert [event["case_id"] for event in await desk.told("CaseAdded")] == [case.id]


async def test_without_a_time_it_counts_as_shown_at_the_last_tick(desk: Desk, case: Case, folder: Path) -> None:
    async with desk.db.connection() as conn:
        await conn.execute("delete from business_clock")
    unknown = await case.attach(files.png(), at=None)
    assert (unknown.status_code, [each["field"] for each in unknown.json()["errors"]]) == (422, ["at"])
    assert stored(folder) == []
    await desk.tick("2026-11-24T10:00:00+07:00")
    for document in case.filed["cases"][0]["missing"]:
        assert (await case.attach(files.png(), document, at=None)).status_code == 201
    assert (await desk.case(case.filed["request_id"]))["accepted_at"] == "2026-11-24T03:00:00Z"


async def test_sent_again_over_a_bad_line_it_is_one(desk: Desk, case: Case, folder: Path) -> None:
    key = new_id()
    first, again = [await case.attach(files.png(), key=key) for _ in range(2)]
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await case.listed()) == 1
    other = await case.attach(files.jpeg(), key=key)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert (await case.attach(files.png(), "f102", key=key)).status_code == 422


async def test_a_bad_file_leaves_nothing(case: Case, folder: Path) -> None:
    script = files.pdf_with_attachment()
    answer = await case.attach(script, **{"Content-Type": "application/pdf"})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "body"
    assert "cetak ke PDF baru" in error["rule"]
    assert (await case.attach(b"<script>alert(1)</script>", **{"Content-Type": "image/png"})).status_code == 422
    assert (stored(folder), await case.listed()) == ([], [])


async def test_who_may_not_is_told_nothing_and_nothing_is_read(desk: Desk, case: Case, folder: Path) -> None:
    attachment_id = await case.attached()
    assert (await case.attach(files.png(), wilayah=NEIGHBOUR)).status_code == 404
    assert (await case.attach(files.png(), role=Role.OFFICER)).status_code == 403
    assert (await case.remove(attachment_id, NEIGHBOUR)).status_code == 404
    assert (await case.link(attachment_id, wilayah=NEIGHBOUR)).status_code == 404
    assert (await case.link(attachment_id, Role.PROVINCIAL, "17")).status_code == 403
    assert (await desk.get(case.path, wilayah=NEIGHBOUR)).status_code == 404
    assert len(stored(folder)) == 1
    rows = await desk.rows("select act, purpose from person_access where case_id = $1", UUID(case.id))
    assert [tuple(row) for row in rows] == [("refused", "kunjungan")]


async def test_a_file_belongs_to_its_case(desk: Desk, case: Case) -> None:
    other = Case(desk, await desk.file())
    attachment_id = await case.attached()
    assert (await other.link(attachment_id)).status_code == 404
    assert (await other.remove(attachment_id)).status_code == 404
    other.path = case.path.replace(case.filed["request_id"], other.filed["request_id"])
    assert (await other.attach(files.png())).status_code == 404
    assert len(await case.listed()) == 1


async def test_lending_is_written_down_before_the_link_is_made(desk: Desk, case: Case) -> None:
    attachment_id = await case.attached()
    answer = (await case.link(attachment_id)).json()
    rows = await desk.rows("select act, actor, role, purpose from person_access where case_id = $1", UUID(case.id))
    assert [tuple(row) for row in rows] == [("read", "penguji", "officer", "kunjungan")]
    ends = datetime.fromisoformat(answer["expires_at"])
    assert timedelta(seconds=60) < ends - datetime.now(UTC) <= timedelta(seconds=120)
    for personal in (case.id, attachment_id, "penguji", "Siti"):
        assert personal not in answer["url"]


async def test_a_link_ends_and_cannot_be_forged(desk: Desk, case: Case) -> None:
    attachment_id = UUID(await case.attached())
    token = (await case.link(str(attachment_id))).json()["url"].removeprefix("/berkas/")
    ours: AttachmentLinks = desk.http._transport.app.state.dependencies.files.links  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    ended, _ = ours.make(attachment_id, now - timedelta(seconds=121))
    forged, _ = AttachmentLinks(b"\0" * 32, 120).make(attachment_id, now)
    later = ours.make(attachment_id, now + timedelta(days=1))[0][:28] + token[28:]
    for bad in (ended, forged, later, token[:-2], token + "A", "x", "%00", "=" * 40, token[::-1]):
        answer = await desk.http.get(f"/berkas/{bad}")
        assert answer.status_code == 404, bad
    assert (await desk.http.get(f"/berkas/{token}")).status_code == 200
    assert ours.read(token, now) == attachment_id


async def test_a_paper_is_removable_until_a_visit_and_it_is_logged(desk: Desk, case: Case, folder: Path) -> None:
    mistake, kept = await case.attached(), await case.attached(files.pdf())
    link = (await case.link(mistake)).json()["url"]
    assert (await case.remove(mistake, wilayah="17.71")).status_code == 404
    assert (await case.remove(mistake)).status_code == 200
    assert (await case.remove(mistake)).status_code == 404
    assert (await desk.http.get(link)).status_code == 404
    written = await desk.rows("select act, purpose, wilayah from person_access order by id")
    assert [tuple(row) for row in written][-1] == ("removed", "permohonan", "17.02")
    assert [row["act"] for row in written].count("removed") == 1
    assert await cleanup.delete_discarded(desk.db, ObjectStore(folder.as_uri())) == 1
    assert [file.name for file in stored(folder)] == [kept]
    slot = {"starts_at": "2026-11-25T09:00:00+07:00", "ends_at": "2026-11-25T09:30:00+07:00"}
    visit = {"kelurahan": "17.02.06.1004", "team": "T1", "visit_id": new_id(), **slot}
    await desk.takes((1, fact(VisitScheduled, case.id, **visit)))
    assert (await case.remove(kept)).status_code == 409
    assert (await case.attach(files.png())).status_code == 201
    await desk.takes((2, fact(RecordCaptured, case.id, visit_id=visit["visit_id"])))
    assert (await case.attach(files.png())).status_code == 409
    assert (await case.opened(kept)).status_code == 200


async def test_a_case_holds_so_many(desk: Desk, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.requests.usecases.attaching.MOST", 1)
    await case.attached()
    answer = await case.attach(files.png())
    assert (answer.status_code, "paling banyak 1 lampiran" in answer.json()["detail"]) == (409, True)


async def test_papers_go_with_the_person(desk: Desk, case: Case, folder: Path) -> None:
    attachment_id = await case.attached()
    url = (await case.link(attachment_id)).json()["url"]
    [sealed] = stored(folder)
    async with desk.db.transaction() as conn:
        assert (await erase_person(conn, OPS, UUID(case.id), ErasureGround.RESIDENT, withdraw_at=PASSED)).held
    await desk.takes((9, fact(CaseClosed, case.id, reason="withdrawn", card_outstanding=False)))
    async with desk.db.transaction() as conn:
        assert (await erase_person(conn, OPS, UUID(case.id), ErasureGround.RESIDENT)).destroyed
    assert sealed.exists(), "its key went first"
    assert await desk.rows("select from attachment") == []
    assert (await desk.http.get(url)).status_code == 404
    assert await cleanup.delete_discarded(desk.db, ObjectStore(folder.as_uri())) == 1
    assert stored(folder) == []
    assert await desk.rows("select from attachment_waste") == []


async def test_an_erasure_that_is_repeated_takes_the_papers_too(desk: Desk, case: Case) -> None:
    await case.attached()
    async with desk.db.transaction() as conn:
        kept = [Erasure(UUID(case.id), "retensi", "retensi", PASSED)]
        assert await privacy.reapply_erasures(conn, OPS, kept) == 1
    assert await desk.rows("select from attachment") == []


async def test_what_was_put_and_never_noted_down_goes_after_a_day(desk: Desk, case: Case, folder: Path) -> None:
    import os

    kept = await case.attached()
    shelf = ObjectStore(folder.as_uri())
    lost, fresh = uuid4(), uuid4()
    for name in (lost, fresh):
        await shelf.put(name, b"x")
    (folder / "catatan.txt").write_text("not ours")
    yesterday = (datetime.now(UTC) - timedelta(days=1, minutes=1)).timestamp()
    for name in (kept, str(lost), "catatan.txt"):
        os.utime(folder / name, (yesterday, yesterday))
    assert await cleanup.discard_orphans(desk.db, shelf) == 1
    assert await cleanup.delete_discarded(desk.db, shelf) == 1
    assert {file.name for file in stored(folder)} == {kept, str(fresh), "catatan.txt"}
    assert (await case.opened(kept)).status_code == 200


async def test_a_file_changed_or_lost_in_the_store_is_not_shown(case: Case, folder: Path) -> None:
    first, second = await case.attached(), await case.attached(files.jpeg())
    (folder / first).write_bytes((folder / second).read_bytes())
    assert (await case.opened(first)).status_code == 404
    (folder / second).unlink()
    assert (await case.opened(second)).status_code == 404


async def test_a_store_that_is_away_is_said_so(desk: Desk, case: Case, folder: Path) -> None:
    folder.write_text("a file where the folder should be")  # noqa: ASYNC240
    answer = await case.attach(files.png())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Penyimpanan lampiran" in answer.json()["detail"]
    assert await case.listed() == []
    folder.unlink()  # noqa: ASYNC240
    assert (await case.attach(files.png())).status_code == 201


async def test_keys_of_papers_and_contacts_move_with_a_rotation(desk: Desk, case: Case) -> None:
    contact = {"name": "Ketua RT Sintetis", "phone": "081234567890"}
    filed = await desk.file(resident(phone=None), contact=contact)
    papers = [await case.attached() for _ in range(3)]
    before = {
        row["key_id"] for row in await desk.rows("select key_id from attachment union select key_id from contact")
    }
    rotated = await encryption.rotate_data_key(desk.db, Vault(desk.vault._file), batch=2)
    assert rotated.destroyed == tuple(before)
    assert rotated.moved == 2 + 1 + 3  # persons, contact, papers
    after = await desk.rows("select key_id from attachment union all select key_id from contact")
    assert {row["key_id"] for row in after} == {rotated.key_id}
    for attachment_id in papers:
        assert (await case.opened(attachment_id)).content == files.png()
    late = await case.attached()  # by a process that has not looked at its keys since
    assert (await case.opened(late)).status_code == 200
    [row] = await desk.rows("select key_id, sealed from contact")
    async with desk.db.connection() as conn:
        opened = await desk.vault.open_contact(conn, UUID(filed["request_id"]), row["key_id"], row["sealed"])
    assert opened.name == "Ketua RT Sintetis"


async def test_the_key_of_a_paper_that_does_not_open_is_not_destroyed(desk: Desk, case: Case) -> None:
    attachment_id = await case.attached()
    await desk.rows("update attachment set sealed_key = 'x'::bytea || sealed_key where id = $1", UUID(attachment_id))
    with pytest.raises(encryption.RotationIncomplete, match=attachment_id):
        await encryption.rotate_data_key(desk.db, desk.vault)
    assert len(await desk.rows("select 1 from data_key where purpose = 'person' and state <> 'destroyed'")) == 2


async def test_an_upload_waits_for_room_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.requests.attachments.uploads.WAIT_SECONDS", 0.2)
    intake, asked = UploadLimiter(most=100, room=100), 0

    class Sent:
        headers = {"content-length": "60"}  # noqa: RUF012

        async def stream(self) -> AsyncIterator[bytes]:
            nonlocal asked
            asked += 1
            yield b"x" * 60

    sent: Any = Sent()
    async with intake.received(sent) as content:
        assert len(content) == 60
        with pytest.raises(TooManyUploads):
            async with intake.received(sent):
                pass
        assert asked == 1
        waiting = asyncio.create_task(_received(intake, sent))
    assert await waiting == 60


async def _received(intake: UploadLimiter, sent: Any) -> int:
    async with intake.received(sent) as content:
        return len(content)


async def test_a_letter_is_still_bounded_as_before(desk: Desk) -> None:
    body = letter(resident(name="x" * 2_200_000))
    answer = await desk.post("/requests", body)
    assert (answer.status_code, "2 MiB" in answer.json()["detail"]) == (413, True)
