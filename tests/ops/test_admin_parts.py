"""Parts of the operator's commands: clocks, words, the doctor's checks of a database, the list of dead letters."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from ops.admin import connections, dead_letters
from ops.admin.dead_letters import Filters
from ops.admin.doctor import databases
from ops.admin.doctor.machine import _secrets
from ops.admin.lag import ranges
from ops.admin.output import duration, readable
from ops.admin.trace.stage_times import legal, stage_times
from ops.platform import PlatformError
from ops.system import SERVICES
from ops.system.discovery import RunningSystem
from services.requests.domain.rules.policy import Policies
from shared.contract.envelope import Message
from shared.contract.events import REQUESTS, RequestFiled
from shared.contract.fields import RequestKind
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.messaging.consumer import Consumer, NonRetryableError
from tests.support.records import record

POLICY = Policies.load().of("17.02")
NINE = datetime(2026, 4, 6, 2, tzinfo=UTC)


def hours(n: float) -> datetime:
    return NINE + timedelta(hours=n)


CASE = {"closed_at": None, "added_at": None, "accepted_at": None, "told": True, "missing": []}


def step(sequence: int, stage: str, at: datetime, ends_at: datetime | None = None) -> dict[str, object]:
    return {"sequence": sequence, "stage": stage, "at": at, "ends_at": ends_at}


def test_a_stage_lasts_until_the_next_in_any_order_of_arrival() -> None:
    request = {"filed_at": NINE, "accepted_at": hours(1), "closed_at": None}
    case = {**CASE, "stage": "recorded"}
    steps = [step(2, "visited", hours(5)), step(1, "scheduled", hours(2), hours(4)), step(3, "recorded", hours(6))]
    found = stage_times(POLICY, request, case, steps, hours(40))
    assert [(c.stage, c.waited / 3600) for c in found] == [
        ("filed", 1),
        ("accepted", 1),
        ("scheduled", 3),
        ("visited", 1),
        ("recorded", 34),
    ]
    assert [c.stage for c in found if c.exceeded] == ["recorded"]
    assert found[2].due_at == hours(4 + 24)


def test_a_closed_case_waits_no_more() -> None:
    request = {"filed_at": NINE, "accepted_at": hours(1), "closed_at": None}
    case = {**CASE, "stage": "cancelled", "closed_at": hours(3)}
    found = stage_times(
        POLICY, request, case, [step(1, "scheduled", hours(2), hours(9)), step(2, "accepted", hours(4))], hours(99)
    )
    assert [(c.stage, c.waited / 3600) for c in found] == [
        ("filed", 1),
        ("accepted", 1),
        ("scheduled", 1),
        ("cancelled", 0),
    ]


@pytest.mark.parametrize(
    ("stages", "printed", "now", "said"),
    [
        (["scheduled"], [], 20, "running"),
        (["scheduled"], [], 30, "passed"),
        (["printed"], [20], 30, "kept"),
        (["printed", "recorded"], [20], 30, "passed"),
        (["handed_over"], [26], 30, "passed"),
        (["cancelled"], [], 30, "off"),
    ],
)
def test_the_legal_clock_runs_to_the_last_card(stages: list[str], printed: list[int], now: int, said: str) -> None:
    cases = [{"stage": stage, "print_on_hold": False} for stage in stages]
    assert legal(cases, [hours(n) for n in printed], hours(24), hours(now)) == said
    assert legal(cases, [], None, hours(now)) == "waiting"


def test_words() -> None:
    assert [duration(n) for n in (3, 300, 7200, 200_000)] == ["3 dtk", "5 mnt", "2 jam", "2 hari"]
    assert ranges((0, 1, 2, 5, 7, 8)) == "0-2, 5, 7-8"
    problems = [{"field": f"f{n}", "rule": "Field required"} for n in range(5)]
    assert readable("malformed: " + json.dumps(problems)).startswith("malformed: f0 (Field required), f1")
    assert readable("no such office: 99.99") == "no such office: 99.99"
    with pytest.raises(PlatformError, match="bukan waktu"):
        connections.parse_time("kemarin")
    assert connections.parse_time("2026-04-06T08:00+07:00") == datetime(2026, 4, 6, 1, tzinfo=UTC)


def test_secrets_that_others_may_read_are_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "person.key").write_text("x")
    (tmp_path / "person.key").chmod(0o644)
    (line,) = _secrets(tmp_path, ("person.key",))
    assert (line.ok, "person.key" in line.says) == (False, True)
    (tmp_path / "person.key").chmod(0o600)
    (line,) = _secrets(tmp_path, ("person.key",))
    assert line.ok
    (line,) = _secrets(tmp_path, ("signing.pem",))
    assert "tidak ada" in line.says


async def test_the_doctor_of_a_database_names_what_is_wrong(
    database: Callable[[str], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "FORGOTTEN", timedelta())
    dsn = await database("notify")
    conn, other = await asyncpg.connect(dsn), await asyncpg.connect(dsn)

    async def wrongs() -> set[str]:
        return {
            line.part for line in [each async for each in databases.check_database("notify", conn)] if not line.ok
        }

    assert await wrongs() == {"outbox", "penjadwal"}  # no service runs here
    await conn.execute("insert into business_clock (at) values (now())")
    assert await wrongs() == {"outbox"}
    await conn.execute("update migration set digest = 'x' where name = 'notify/0001_alerts'")
    assert await wrongs() == {"outbox", "migrasi"}
    await conn.execute("delete from migration where name = 'notify/0001_alerts'")
    assert await wrongs() == {"outbox", "migrasi"}
    await other.execute("begin")
    assert await wrongs() == {"outbox", "migrasi", "transaksi"}
    await other.close()
    await conn.close()


@pytest.fixture
async def letters(database: Callable[[str], Awaitable[str]], monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Four databases without services; dispatch has set two messages aside, one of them with a person in it."""
    where = RunningSystem("127.0.0.1:1", {name: await database("") for name in SERVICES}, {})
    monkeypatch.setattr(connections, "running_system", lambda: where)
    db = await Database.connect(where.dsn("dispatch"), size=2)
    consumer = Consumer("dispatch", REQUESTS)
    consumer.bind(db)

    @consumer.on(RequestFiled)
    async def refuse(conn: Connection, message: Message[RequestFiled]) -> None:
        raise NonRetryableError("no such office")

    filed = RequestFiled(
        at=NINE, request_id=new_id(), office="17.02", kelurahan="17.02.06.1004", kind=RequestKind.DRIVE
    )
    odd = record(filed, value=b'{"nama": "Siti Sintetis"}')
    odd.key = b"1702064101500001"
    await consumer.process([record(filed), odd])
    async with db.connection() as conn:
        ids = [row["id"] for row in await conn.fetch("select id from dead_letter order by reason desc")]
    await db.close()
    return ids


async def run(command: Callable[..., object], *words: object, **options: object) -> object:
    """A command in a thread of its own, as it has a loop of its own."""
    return await asyncio.to_thread(command, *words, **options)


async def test_the_list_and_one_of_it(letters: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(dead_letters.list_) == 0
    said = capsys.readouterr().out
    assert "2 pesan tersisih yang terbuka" in said
    assert "dispatch.requests.RequestFiled" in said
    assert max(map(len, said.splitlines())) <= 82
    _, malformed = letters
    await run(dead_letters.show, str(malformed)[-8:])
    await run(dead_letters.show, str(malformed), as_json=True)
    said = capsys.readouterr().out
    assert "Siti" not in said
    assert "1702064101500001" not in said
    await run(dead_letters.show, str(malformed), value=True)
    assert "Siti Sintetis" in capsys.readouterr().out


async def test_filters_and_ids_that_do_not_fit(letters: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    await run(dead_letters.list_, filters=Filters(service="notify"))
    assert "Tidak ada pesan tersisih" in capsys.readouterr().out
    await run(dead_letters.list_, filters=Filters(handler="dispatch.requests."), as_json=True)
    assert json.loads(capsys.readouterr().out)["counts"] == {"refused": 1}
    await run(dead_letters.list_, filters=Filters(since="2099-01-01"))
    assert "Tidak ada" in capsys.readouterr().out
    with pytest.raises(PlatformError, match="tidak ada pesan tersisih ffffffff"):
        await run(dead_letters.show, "ffffffff")
    with pytest.raises(PlatformError, match="sebutkan pesan mana"):
        await run(dead_letters.replay)
    with pytest.raises(PlatformError, match="tidak ada layanan"):
        await run(dead_letters.list_, filters=Filters(service="gudang"))


async def test_a_discard_and_back(letters: list[UUID], capsys: pytest.CaptureFixture[str]) -> None:
    await run(dead_letters.discard, str(letters[0]), reason=dead_letters.DiscardReason.TEST, who="siti")
    await run(dead_letters.show, str(letters[0]))
    said = capsys.readouterr().out
    assert "1 pesan dibuang (test)" in said
    assert "dibuang oleh siti" in said
    assert await run(dead_letters.replay, str(letters[0]), wait=True) == 0
    assert "0 pesan diminta diulang; 1 sudah selesai" in capsys.readouterr().out
    await run(dead_letters.restore, str(letters[0]))
    assert "1 pesan dibuka lagi" in capsys.readouterr().out
    assert await run(dead_letters.replay, everything=True, wait=True, timeout=0.1) == 1
    assert "dispatch belum mengerjakannya" in capsys.readouterr().out
