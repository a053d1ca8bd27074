"""Keys that follow one another while letters are filed and persons are read."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from ops.system import Issuer
from services.requests import encryption
from services.requests.domain.filing import Letter, Submission
from services.requests.domain.people import Application, Person, Reason, Sex
from services.requests.domain.rules.policy import Policies
from services.requests.domain.when import When
from services.requests.encryption import MasterKeys, Vault, add_master_key
from services.requests.encryption.store import data_keys as store
from services.requests.usecases import filing
from shared.contract.envelope import MessageContext
from shared.contract.fields import RequestKind, ServiceCode
from shared.reference.offices import Offices
from shared.security.auth import Identity, Role
from shared.security.encryption import InvalidTag
from tests.services.requests.desk import CONTACT, DRIVE, Desk, desk_on, key_file, letter, resident
from tests.support.polling import until

OpenDesk = Callable[..., Awaitable[Desk]]
ROTATOR = """
import asyncio, sys
from pathlib import Path
from services.requests import encryption
from shared.database.pool import Database

async def main():
    db = await Database.connect(sys.argv[1])
    await getattr(encryption, sys.argv[3])(db, encryption.Vault(Path(sys.argv[2])), batch=1)

asyncio.run(main())
"""


OFFICE = Offices.load()["17.02"]
AT = datetime(2026, 11, 24, 9, tzinfo=OFFICE.tz)
WHO = Identity.of("penguji", Role.OPERATOR, "17.02")
POLICY = Policies.load().of("17.02")
LETTER = Letter("17.02.06.1004", RequestKind.HOME_VISIT, "470/1", date(2026, 11, 23))


def applicant() -> Application:
    person = Person("Budi Sintetis", date(1950, 8, 17), Sex.MALE, Reason.ELDERLY, "Jalan Sintetis No. 2", None, None)
    return Application(person, ServiceCode.FIRST)


def nik(number: int) -> str:
    return f"170206570850{number + 1:04}"


@pytest.fixture
async def dsn(database: Callable[[str], Awaitable[str]]) -> str:
    return await database("requests")


@pytest.fixture
def keyring(tmp_path: Path) -> Path:
    return key_file(tmp_path)


@pytest.fixture
async def opened(
    dsn: str, keyring: Path, issuer: Issuer, token: Callable[..., dict[str, str]], stack: AsyncExitStack
) -> OpenDesk:
    """`await opened(as_of_0_1_0=True)`: one more process of the service on the same database."""

    async def another(**how: bool) -> Desk:
        return await stack.enter_async_context(desk_on(dsn, issuer.jwks_file, keyring, token, **how))

    return another


@pytest.fixture
async def desk(opened: OpenDesk) -> Desk:
    return await opened()


def only_the_last_line(file: Path) -> None:
    file.write_text(file.read_text().splitlines()[-1])


async def keys_in_use(desk: Desk) -> set[tuple[int, int]]:
    return {tuple(row) for row in await desk.rows("select key_id, index_key from person")}


async def names(desk: Desk, case_ids: list[str]) -> list[str]:
    answers = [await desk.person(case_id) for case_id in case_ids]
    return [answer.json().get("name", answer.text) for answer in answers]


async def test_a_new_office_begins_with_keys_of_its_own(desk: Desk) -> None:
    await desk.file(resident(nik=nik(1)))
    [(key_id, index_key)] = await keys_in_use(desk)
    assert min(key_id, index_key) > 1
    states = await desk.rows("select id, state, wrapped is not null from data_key order by id")
    assert [tuple(row)[1:] for row in states] == [("destroyed", False)] * 2 + [("active", True)] * 2


@pytest.mark.parametrize("kind", ["rotate_data_key", "rotate_index_key"])
async def test_letters_are_filed_and_persons_read_while_keys_rotate(opened: OpenDesk, kind: str) -> None:
    """By two processes of the service; the rotation is a third."""
    first, second = await opened(), await opened()
    case_ids = [(await first.file(resident(nik=nik(n), birth_date="2010-01-01")))["case_ids"][0] for n in range(40)]
    before = await keys_in_use(first)
    done = asyncio.Event()

    async def work(desk: Desk, start: int) -> list[str]:
        mine, number = [], start
        while not done.is_set() or not mine:
            mine += (await desk.file(resident(nik=nik(number))))["case_ids"]
            again = await desk.post("/requests", letter(resident(nik=nik((number - start) % 40))))
            assert again.status_code == 409, again.text
            assert await names(desk, [case_ids[number % 40], mine[-1]]) == ["Siti Sintetis"] * 2
            number += 1
        return mine

    async def turn() -> encryption.RotationResult:
        try:
            return await getattr(encryption, kind)(second.db, Vault(first.vault._file), batch=3)
        finally:
            done.set()

    rotated, filed, more = await asyncio.gather(turn(), work(first, 1000), work(second, 4000))
    assert rotated.moved >= 40
    after = await keys_in_use(first)
    assert len(after) == 1
    assert before.isdisjoint(after)
    assert len(rotated.destroyed) == 1
    assert set(await names(second, case_ids + filed + more)) == {"Siti Sintetis"}
    again = await first.post("/requests", letter(resident(nik=nik(7))))
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "residents.0.nik")
    [row] = await first.rows("select count(nik_index) as a, count(nik_index_b) as b, count(*) as n from person")
    assert sorted((row["a"], row["b"])) == [0, row["n"]]


async def test_a_filing_that_saw_the_old_keys_is_waited_for(desk: Desk, dsn: str, stack: AsyncExitStack) -> None:
    """It has a snapshot, and no transaction id yet: a trigger holds it before its first row."""
    before = (await desk.file(resident(nik=nik(1))))["case_ids"]
    holding = await asyncpg.connect(dsn)
    stack.push_async_callback(holding.close)
    await holding.execute(
        "create function hold() returns trigger language plpgsql as"
        " 'begin perform pg_advisory_lock_shared(4712); perform pg_advisory_unlock_shared(4712); return new; end';"
        "create trigger hold before insert on command for each row execute function hold();"
        "select pg_advisory_lock(4712)"
    )
    filing_held = asyncio.create_task(desk.file(resident(nik=nik(2), name="Budi Sintetis")))

    async def held() -> bool:
        return await holding.fetchval(
            "select exists (select from pg_locks where locktype = 'advisory' and objid = 4712 and not granted)"
        )

    await until(held, what="the filing held")
    waiting = await holding.fetchrow(
        "select backend_xid from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
    )
    assert dict(waiting) == {"backend_xid": None}
    rotation = asyncio.create_task(encryption.rotate_data_key(desk.db, Vault(desk.vault._file)))
    await asyncio.wait({rotation}, timeout=3)  # it would be done, did it not wait
    await holding.execute("select pg_advisory_unlock(4712)")
    rotated, filed = await asyncio.gather(rotation, filing_held)
    assert {key_id for key_id, _ in await keys_in_use(desk)} == {rotated.key_id}
    assert await names(desk, before + filed["case_ids"]) == ["Siti Sintetis", "Budi Sintetis"]


async def test_birthdays_are_found_under_the_index_key_that_follows(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date="2009-11-25", nik=nik(1)))
    await encryption.rotate_index_key(desk.db, desk.vault)
    await desk.tick("2026-11-25T08:00:00+07:00")
    assert [event["case_id"] for event in await desk.told("PrintEligible")] == filed["case_ids"]


async def test_persons_of_0_1_0_are_read_and_moved_by_the_rotation(opened: OpenDesk, keyring: Path, dsn: str) -> None:
    desk = await opened(as_of_0_1_0=True)
    filed = await desk.file(*(resident(nik=nik(n)) for n in range(5)))
    assert await keys_in_use(desk) == {(0, 1)}
    restarted = await opened()  # prepares: it must leave the keys of an office that has persons
    assert await names(restarted, filed["case_ids"]) == ["Siti Sintetis"] * 5
    assert await keys_in_use(restarted) == {(0, 1)}
    assert (await encryption.rotate_data_key(desk.db, desk.vault)).destroyed == (0,)
    assert (await encryption.rotate_index_key(desk.db, desk.vault)).destroyed == (1,)
    add_master_key(keyring, "baru")
    assert await encryption.rewrap_data_keys(desk.db, desk.vault) == 2
    only_the_last_line(keyring)
    assert MasterKeys.load(keyring).names == ["baru"]
    anew = await opened()
    assert await names(anew, filed["case_ids"]) == ["Siti Sintetis"] * 5
    assert (await anew.post("/requests", letter(resident(nik=nik(3))))).status_code == 409
    assert await names(restarted, filed["case_ids"]) == ["Siti Sintetis"] * 5


async def test_a_running_process_learns_of_a_new_master_key(opened: OpenDesk, keyring: Path) -> None:
    running, other = await opened(), await opened()
    filed = await running.file(resident())
    add_master_key(keyring, "baru")
    await encryption.rewrap_data_keys(other.db, other.vault)
    await encryption.rotate_data_key(other.db, other.vault)
    assert await names(running, filed["case_ids"]) == ["Siti Sintetis"]
    assert "baru" in running.vault.keyring


@pytest.mark.parametrize("kind", ["rotate_data_key", "rotate_index_key"])
async def test_a_rotation_killed_on_its_way_is_gone_on_with(desk: Desk, dsn: str, keyring: Path, kind: str) -> None:
    filed = await desk.file(*(resident(nik=nik(n)) for n in range(300)), kind="drive", drive=DRIVE, contact=CONTACT)
    [before] = await keys_in_use(desk)
    rotator = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ROTATOR, dsn, str(keyring), kind, env={**os.environ}
    )

    async def on_its_way() -> bool:
        return len(await keys_in_use(desk)) == 2

    await until(on_its_way, what="the first person moved")
    rotator.send_signal(signal.SIGKILL)
    await rotator.wait()
    assert before in await keys_in_use(desk)
    assert set(await names(desk, filed["case_ids"][:20])) == {"Siti Sintetis"}
    drawn = await desk.rows("select max(id) as id from data_key")

    async def gone_on() -> encryption.RotationResult | None:
        try:
            return await getattr(encryption, kind)(desk.db, desk.vault)
        except encryption.RotationIncomplete:  # the server has not noticed yet that the other one is dead
            return None

    rotated = await until(gone_on, what="the killed session gone")
    assert rotated.key_id == drawn[0]["id"]
    everything = 300 if kind == "rotate_index_key" else 301  # with the contact of the drive
    assert 0 < rotated.moved < everything
    assert len(await keys_in_use(desk)) == 1
    assert set(await names(desk, filed["case_ids"][-20:])) == {"Siti Sintetis"}


async def test_a_letter_under_way_is_waited_for(desk: Desk) -> None:
    """It is written under the keys of before and commits late: its person must not be left there."""
    await desk.file(resident())
    written, go_on = asyncio.Event(), asyncio.Event()

    async def file_late() -> None:
        async with desk.db.transaction() as conn:
            context = filing.FilingContext(conn, desk.vault, WHO, MessageContext.new(), OFFICE, POLICY)
            await filing.file(context, Submission(LETTER, (applicant(),), True, When(AT, AT)))
            written.set()
            await go_on.wait()

    late = asyncio.create_task(file_late())
    await written.wait()
    rotation = asyncio.create_task(encryption.rotate_data_key(desk.db, Vault(desk.vault._file)))

    finished, _ = await asyncio.wait({rotation}, timeout=2)
    assert not finished, "it would have taken some milliseconds"
    go_on.set()
    await late
    assert (await rotation).moved == 2
    assert len(await keys_in_use(desk)) == 1


async def test_a_letter_sealed_under_old_keys_is_sealed_anew(desk: Desk) -> None:
    """The process looked at its keys, then a rotation went through, and only then it writes."""
    await desk.file(resident())
    async with desk.db.connection() as conn:
        keys = await desk.vault.keys(conn)
    await encryption.rotate_data_key(desk.db, Vault(desk.vault._file))
    assert desk.vault._keys is keys
    filed = await desk.file(resident())
    assert len(await keys_in_use(desk)) == 1
    assert await names(desk, filed["case_ids"]) == ["Siti Sintetis"]


async def test_a_person_under_another_case_or_key_does_not_open(desk: Desk) -> None:
    filed = await desk.file(resident(), resident(name="Budi Sintetis"))
    first, second = (UUID(case_id) for case_id in filed["case_ids"])
    async with desk.db.transaction() as conn:
        [(key_id, sealed)] = await conn.fetch("select key_id, sealed from person where case_id = $1", second)
        assert (await desk.vault.open(conn, second, key_id, sealed)).name == "Budi Sintetis"
        with pytest.raises(InvalidTag):
            await desk.vault.open(conn, first, key_id, sealed)
    await desk.rows("update person set sealed = $2 where case_id = $1", first, sealed)
    with pytest.raises(encryption.RotationIncomplete, match=str(first)):
        await encryption.rotate_data_key(desk.db, desk.vault)
    assert len(await desk.rows("select 1 from data_key where state = 'retiring'")) == 1


async def test_without_the_master_key_nothing_starts(desk: Desk, dsn: str, tmp_path: Path) -> None:
    await desk.file(resident())
    (tmp_path / "other").mkdir()
    stranger = Vault(key_file(tmp_path / "other"))
    conn = await asyncpg.connect(dsn)
    with pytest.raises((RuntimeError, InvalidTag)):
        await stranger.prepare(conn)
    await conn.close()


async def test_two_rotations_at_once_are_one(desk: Desk) -> None:
    await desk.file(resident())
    async with desk.db.connection() as conn:
        assert await store.begin_alone(conn)
        with pytest.raises(encryption.RotationIncomplete, match="another"):
            await encryption.rotate_data_key(desk.db, desk.vault)
        await store.end_alone(conn)
