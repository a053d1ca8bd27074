"""Who read whom and why is written down, stays as it is, and whatever a superuser does to it is found out."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from services.requests import privacy
from services.requests.domain.audit import Act, Purpose
from services.requests.privacy import AuditCheck, RetentionPeriod, RetentionPolicy
from services.requests.store import audit
from shared.contract.ids import new_id
from shared.security.auth import Identity, Role
from tests.services.requests.desk import Desk, resident

NIK = "1702065708500001"
YEARS = timedelta(days=1825)
INSERT = (
    "insert into person_access (id, case_id, actor, role) overriding system value"
    " select {id}, case_id, 'lain', 'officer' from person_access limit 1"
)
WHO = Identity.of("penguji", Role.OFFICER, "17.02")


async def rows(desk: Desk) -> list[tuple[object, ...]]:
    found = await desk.rows("select case_id::text, actor, role, wilayah, act, purpose from person_access order by id")
    return [tuple(row) for row in found]


async def verdict(desk: Desk, head: str = "", kept: timedelta = YEARS) -> AuditCheck:
    async with desk.db.connection() as conn:
        return await privacy.verify_audit(conn, kept, head)


async def read_and_seal(desk: Desk, *counts: int) -> str:
    """A batch of each count of readings; returns the case that was read."""
    case_id: str = (await desk.file())["case_ids"][0]
    for count in counts:
        for _ in range(count):
            assert (await desk.person(case_id)).status_code == 200
        assert await privacy.seal_audit(desk.db) == count
    return case_id


async def tamper(desk: Desk, *statements: str) -> None:
    """As a superuser, past the triggers."""
    conn = await asyncpg.connect(str(desk.db.pool._connect_args[0]))
    await conn.execute("set session_replication_role = replica")
    for statement in statements:
        await conn.execute(statement)
    await conn.close()


async def test_a_person_is_read_by_those_who_need_it_for_a_purpose(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK, phone="0812-3456-7890"))
    case_id = filed["case_ids"][0]
    answer = await desk.person(case_id)
    assert answer.json()["name"] == "Siti Sintetis"
    assert (answer.json()["nik"], answer.json()["phone"]) == (NIK, "+6281234567890")
    for role in (Role.PROVINCIAL, Role.STOREKEEPER, Role.OPS):
        assert (await desk.person(case_id, role)).status_code == 403
    assert (await desk.person(str(new_id()))).status_code == 404
    for query in ({}, {"purpose": "ingin tahu"}, {"purpose": "retensi"}):
        refused = await desk.get(f"/cases/{case_id}/person", Role.OFFICER, **query)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "purpose")
    assert await rows(desk) == [(case_id, "penguji", "officer", "17.02", "read", "kunjungan")]


async def test_an_attempt_from_another_wilayah_is_written_down_too(desk: Desk) -> None:
    case_id = (await desk.file())["case_ids"][0]
    answer = await desk.person(case_id, wilayah="17.71", purpose="cetak")
    assert answer.status_code == 404
    assert "17.02" not in answer.text
    assert await rows(desk) == [(case_id, "penguji", "officer", "17.71", "refused", "cetak")]


async def test_the_service_cannot_change_what_is_written_down(desk: Desk) -> None:
    await read_and_seal(desk, 2)
    for statement in (
        "update person_access set actor = 'lain'",
        "delete from person_access",
        "truncate person_access",
        "update audit_batch set digest = ''",
        "update audit_batch set pruned_at = now(), total = 0",
        "delete from audit_batch",
        "truncate audit_batch",
    ):
        async with desk.db.connection() as conn:
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await conn.execute(statement)
    assert (await verdict(desk)).problems == []


async def test_a_chain_that_nobody_touched_stands_and_says_its_head(desk: Desk) -> None:
    assert await verdict(desk) == AuditCheck()
    case_id = await read_and_seal(desk, 3, 2)
    await desk.person(case_id)
    found = await verdict(desk)
    assert (found.problems, found.sealed, found.waiting) == ([], 5, 1)
    assert (await verdict(desk, found.head)).problems == []
    await privacy.seal_audit(desk.db)
    assert (await verdict(desk, found.head)).problems == []


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["update person_access set actor = 'lain' where id = 4"], ["batch 2: baris 4 diubah"]),
        (["update person_access set purpose = 'cetak' where id = 1"], ["batch 1: baris 1 diubah"]),
        (
            ["update person_access set read_at = read_at - interval '1 second' where id = 2"],
            ["batch 1: baris 2 diubah"],
        ),
        (["delete from person_access where id = 5"], ["batch 2: baris 5 dihapus"]),
        ([INSERT.format(id=0)], ["batch 1: baris 0 disisipkan"]),
        (
            [
                "alter table person_access alter id drop identity",
                "update person_access set id = -2 where id = 2",
                "update person_access set id = 2 where id = 3",
                "update person_access set id = 3 where id = -2",
            ],
            ["batch 1: urutan diubah: baris 2, 3 tertukar"],
        ),
        (
            ["delete from audit_batch where number = 2"],
            ["batch 2 sampai 2 hilang", "batch 3: rantai putus: batch ini atau yang sebelumnya diubah"]
            + [f"batch 3: baris {n} disisipkan" for n in (4, 5)],
        ),
        (
            ["update audit_batch set last_at = last_at - interval '1 day' where number = 2"],
            ["batch 2: rantai putus: batch ini atau yang sebelumnya diubah"],
        ),
        (
            ["update audit_batch set pruned_at = now() where number = 1", "delete from person_access where id <= 3"],
            ["batch 1: barisnya dihapus sebelum waktunya"],
        ),
    ],
)
async def test_what_was_tampered_with_is_named(desk: Desk, statements: list[str], said: list[str]) -> None:
    await read_and_seal(desk, 3, 2, 1)
    await tamper(desk, *statements)
    assert (await verdict(desk)).problems == said


async def test_a_row_put_into_a_gap_of_the_ids_is_found(desk: Desk) -> None:
    case_id = await read_and_seal(desk, 1)
    async with desk.db.connection() as conn:  # an insert that was rolled back leaves a gap
        transaction = conn.transaction()
        await transaction.start()
        await audit.note(conn, WHO, UUID(case_id), Act.READ, Purpose.PRINT)
        await transaction.rollback()
    await desk.person(case_id)
    await privacy.seal_audit(desk.db)
    await tamper(desk, INSERT.format(id=2))
    assert (await verdict(desk)).problems == ["batch 2: baris 2 disisipkan"]


async def test_a_cut_off_tail_is_found_by_the_noted_head(desk: Desk) -> None:
    await read_and_seal(desk, 3, 2)
    head = (await verdict(desk)).head
    await tamper(desk, "delete from audit_batch where number = 2", "delete from person_access where id > 3")
    assert (await verdict(desk)).problems == []
    said = (await verdict(desk, head)).problems
    assert said == ["ekor dipotong: rantai berakhir di batch 1, yang tercatat batch 2"]


async def test_a_rewritten_chain_is_found_by_the_noted_head(desk: Desk) -> None:
    await read_and_seal(desk, 3, 2)
    head = (await verdict(desk)).head
    await tamper(desk, "update person_access set actor = 'lain' where id = 2", "delete from audit_batch")
    await privacy.seal_audit(desk.db)
    await read_and_seal(desk, 1)
    assert (await verdict(desk)).problems == []
    said = (await verdict(desk, head)).problems
    assert said == ["batch 2 bukan yang tercatat: rantai ditulis ulang"]


async def test_no_row_appears_below_a_sealed_one(desk: Desk) -> None:
    """One that began first and commits last has the larger id: whoever comes waits for whoever is there."""
    case_id = UUID((await desk.file())["case_ids"][0])
    first, go_on = asyncio.Event(), asyncio.Event()

    async def note(name: str) -> None:
        async with desk.db.transaction() as conn:
            await audit.note(conn, Identity.of(name, Role.OFFICER, ""), case_id, Act.READ, Purpose.VISIT)
            if not first.is_set():
                first.set()
                await go_on.wait()

    slow = asyncio.create_task(note("lambat"))
    await first.wait()
    quick = asyncio.create_task(note("cepat"))
    assert await privacy.seal_audit(desk.db) == 0
    go_on.set()
    await asyncio.gather(slow, quick)
    assert await privacy.seal_audit(desk.db) == 2
    found = await desk.rows("select actor from person_access order by id")
    assert [row["actor"] for row in found] == ["lambat", "cepat"]


async def test_many_readers_and_sealers_at_once_make_one_chain(desk: Desk) -> None:
    case_ids = (await desk.file(*(resident() for _ in range(8))))["case_ids"]

    async def read(case_id: str) -> None:
        for _ in range(10):
            await desk.person(case_id)

    sealing = [privacy.seal_audit(desk.db) for _ in range(6)]
    await asyncio.gather(*(read(case_id) for case_id in case_ids), *sealing)
    await asyncio.gather(*(privacy.seal_audit(desk.db) for _ in range(3)))
    found = await verdict(desk)
    assert (found.problems, found.sealed, found.waiting) == ([], 80, 0)


async def test_rows_past_their_retention_go_and_the_chain_stands(desk: Desk) -> None:
    await read_and_seal(desk, 3, 2)
    limit = RetentionPeriod(days=1, reason="as short as can be")
    policy = RetentionPolicy(person_with_card=limit, person_without_card=limit, audit=limit)
    assert await privacy.apply_retention(desk.db, policy) == (0, 0)
    head = (await verdict(desk)).head
    await tamper(desk, "update person_access set read_at = read_at - interval '2 days' where id <= 3")
    await tamper(desk, "delete from audit_batch")
    await privacy.seal_audit(desk.db)
    assert await privacy.apply_retention(desk.db, policy) == (0, 0)  # its newest row is not old enough
    await tamper(desk, "update person_access set read_at = read_at - interval '2 days'", "delete from audit_batch")
    await privacy.seal_audit(desk.db)
    await read_and_seal(desk, 1)
    assert await privacy.apply_retention(desk.db, policy) == (0, 1)
    found = await verdict(desk, kept=limit.age)
    assert (found.problems, found.pruned, found.sealed) == ([], 1, 6)
    assert len(await rows(desk)) == 1
    assert found.head != head
