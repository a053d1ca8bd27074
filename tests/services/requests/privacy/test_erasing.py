"""A person is destroyed when asked for or when their time has come; the case stays, and a restored one goes again."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.requests import privacy
from services.requests.domain.audit import Act
from services.requests.maintenance import ErasureResult, erase_person
from services.requests.privacy import ErasureGround, RetentionPolicy
from services.requests.store import audit, erasures, people
from services.requests.store.erasures import Erasure
from shared.contract.events import CardHandedOver, PrintCompleted, VisitCompleted
from shared.contract.ids import new_id
from shared.problems import Conflict, NotFound
from shared.security.auth import Identity, Role
from tests.services.requests.desk import Desk, fact, letter, resident

NIK = "1702065708500001"
WHO = Identity.of("ops:penguji", Role.OPS, "")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
REASON = {"at": "2026-11-24T10:00:00+07:00", "reason": "asked_by_resident"}


async def erase(desk: Desk, case_id: str, withdraw_at: datetime | None = None) -> ErasureResult:
    async with desk.db.transaction() as conn:
        return await erase_person(conn, WHO, UUID(case_id), ErasureGround.RESIDENT, withdraw_at=withdraw_at)


async def withdrawn(desk: Desk, *residents: dict[str, object], at: str = "2026-11-24T10:00:00+07:00") -> str:
    """A case that is closed without a card."""
    filed = await desk.file(*residents)
    path = f"/requests/{filed['request_id']}/cases/{filed['case_ids'][0]}/withdraw"
    assert (await desk.post(path, {**REASON, "at": at})).status_code == 200
    await desk.answered(filed["case_ids"][0])
    return str(filed["case_ids"][0])


async def kept(desk: Desk) -> set[str]:
    return {str(row["case_id"]) for row in await desk.rows("select case_id from person")}


async def test_an_erased_person_is_gone_and_the_case_stays(desk: Desk) -> None:
    case_id, other = await withdrawn(desk, resident(nik=NIK)), (await desk.file())["case_ids"][0]
    assert await erase(desk, case_id) == ErasureResult(UUID(case_id), withdrawn=False, destroyed=True)
    assert await kept(desk) == {other}
    answer = await desk.person(case_id)
    assert (answer.status_code, answer.json()["detail"]) == (404, "data pribadi kasus ini sudah dihapus")
    assert await erase(desk, case_id) == ErasureResult(UUID(case_id), withdrawn=False, destroyed=False)
    async with desk.db.connection() as conn:
        noted = [(e.actor, e.act, e.purpose) for e in await audit.of_case(conn, UUID(case_id))]
        [erasure] = await erasures.all_of(conn)
        assert await people.cases_of(conn, (await desk.vault.keys(conn)).niks(NIK)) == []
    assert noted == [("ops:penguji", "erased", "permintaan_warga"), ("penguji", "read", "kunjungan")]
    assert (str(erasure.case_id), erasure.ground, erasure.erased_by) == (case_id, "permintaan_warga", "ops:penguji")
    assert len(await desk.rows("select from case_file")) == 2
    await desk.file(resident(nik=NIK))


async def test_an_open_case_is_erased_only_when_it_is_withdrawn_first(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK))
    case_id = filed["case_ids"][0]
    with pytest.raises(Conflict, match="masih berjalan"):
        await erase(desk, case_id)
    assert await kept(desk) == {case_id}
    held = ErasureResult(UUID(case_id), withdrawn=True, destroyed=False, held=True)
    assert await erase(desk, case_id, NOW) == held
    assert await erase(desk, case_id) == replace(held, withdrawn=False)
    assert await kept(desk) == {case_id}  # a card may be there: its NIK is not to be free
    await desk.answered(case_id)
    assert await erase(desk, case_id) == ErasureResult(UUID(case_id), withdrawn=False, destroyed=True)
    assert (await desk.case(filed["request_id"]))["stage"] == "cancelled"
    assert [event["case_id"] for event in await desk.told("CaseWithdrawn")] == [case_id]


async def test_a_card_that_is_printed_must_be_handed_over_first(desk: Desk) -> None:
    case_id = (await desk.file())["case_ids"][0]
    await desk.takes((1, fact(PrintCompleted, case_id, print_id=new_id(), station="P1", serial="BL000001")))
    with pytest.raises(Conflict, match="serahkan kartunya"):
        await erase(desk, case_id, NOW)
    assert await kept(desk) == {case_id}
    with pytest.raises(NotFound):
        await erase(desk, str(new_id()))


async def test_erasures_are_repeated_on_what_a_backup_brought_back(desk: Desk) -> None:
    case_id, other = await withdrawn(desk, resident(nik=NIK)), (await desk.file())["case_ids"][0]
    backup = (await desk.rows("select * from person where case_id = $1", UUID(case_id)))[0]
    await erase(desk, case_id)
    async with desk.db.transaction() as conn:
        lines = [json.dumps(asdict(erasure), default=str) for erasure in await erasures.all_of(conn)]
        await conn.execute("delete from erasure")
        await conn.execute(
            "insert into person (case_id, sealed, open, key_id, index_key) values ($1, $2, false, $3, $4)",
            *(backup["case_id"], backup["sealed"], backup["key_id"], backup["index_key"]),
        )
    assert await kept(desk) == {case_id, other}
    unknown = Erasure(new_id(), "retensi", "retensi", NOW)
    for again in (1, 0):
        async with desk.db.transaction() as conn:
            told = [Erasure.read(json.loads(line)) for line in lines]
            assert await privacy.reapply_erasures(conn, WHO, [*told, unknown]) == again
    assert await kept(desk) == {other}
    async with desk.db.connection() as conn:
        assert {e.case_id for e in await erasures.all_of(conn)} == {UUID(case_id), unknown.case_id}
        assert [e.act for e in await audit.of_case(conn, UUID(case_id))] == [Act.ERASED] * 2


async def test_persons_are_erased_when_due_by_the_business_clock(desk: Desk) -> None:
    policy = RetentionPolicy.load()
    closed, opened = await withdrawn(desk), (await desk.file())["case_ids"][0]
    handed = (await desk.file())["case_ids"][0]
    await desk.takes((1, fact(CardHandedOver, handed, at="2026-11-24T11:00:00+07:00", receiver="resident")))
    turned = (await desk.file())["case_ids"][0]
    turned_away = {"at": "2026-11-24T11:00:00+07:00", "visit_id": new_id(), "outcome": "already_recorded"}
    await desk.takes((1, fact(VisitCompleted, turned, **turned_away)))
    assert await privacy.apply_retention(desk.db, policy) == (0, 0)
    for after, left in (
        (policy.person_without_card.age, {closed, opened, handed, turned}),
        (policy.person_without_card.age + timedelta(minutes=90), {opened, handed, turned}),
        (policy.person_without_card.age + timedelta(hours=3), {opened, handed}),
        (policy.person_with_card.age + timedelta(minutes=90), {opened, handed}),
        (policy.person_with_card.age + timedelta(hours=3), {opened}),
    ):
        await desk.tick((datetime.fromisoformat("2026-11-24T09:00:00+07:00") + after).isoformat())
        await privacy.apply_retention(desk.db, policy)
        assert await kept(desk) == left
    grounds = await desk.rows("select ground, erased_by from erasure")
    assert {tuple(row) for row in grounds} == {("retensi", "retensi")}


async def test_a_nik_is_free_again_while_the_old_person_is_still_kept(desk: Desk) -> None:
    old = await withdrawn(desk, resident(nik=NIK))
    new = (await desk.file(resident(nik=NIK)))["case_ids"][0]
    async with desk.db.connection() as conn:
        found = await people.cases_of(conn, (await desk.vault.keys(conn)).niks(NIK))
    assert {str(case_id) for case_id in found} == {old, new}
    assert (await desk.post("/requests", letter(resident(nik=NIK)))).status_code == 409


def test_an_office_may_have_its_own_policy_if_it_gives_reasons(tmp_path: Path) -> None:
    file = tmp_path / "retention.toml"
    limit = 'days = 10\nreason = "our schedule of archives, 2026"\n'
    file.write_text("".join(f"[{name}]\n{limit}" for name in RetentionPolicy.model_fields))
    assert RetentionPolicy.load(file).audit.age == timedelta(days=10)
    file.write_text(file.read_text().replace('reason = "our', 'why = "our', 1))
    with pytest.raises(ValidationError, match="reason"):
        RetentionPolicy.load(file)
