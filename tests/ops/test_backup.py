"""Keeping: what the archive holds is enough to go on after the database's disk is gone."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from lab.faults.count import count
from lab.faults.endless_simulator import CITY, EndlessSimulator
from lab.faults.journal import Journal
from lab.faults.verdict import Verdict
from lab.faults.workload import WorkloadResult
from lab.simulate import ServiceClient
from ops.backup import Archive, Receiver
from ops.backup.lag import lag
from ops.platform import PlatformError
from ops.platform.postgres.server import PostgresServer
from ops.system import SERVICES, QuiescenceMonitor, System
from tests.support.polling import later, until

pytestmark = pytest.mark.long
SEED, PATIENCE = 11, 90.0


def lose_the_disk(server: PostgresServer) -> None:
    """The machine dies, and its disk with it."""
    server.kill()
    shutil.rmtree(server.data)


@pytest.mark.timeout(600)
def test_after_a_lost_disk_all_goes_on_from_the_last_commit(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", synchronous=True)
    with System(tmp_path / "system", fresh=True, archive=archive) as system:
        verdict = asyncio.run(lose_the_disk_twice(system, archive, Journal(tmp_path / "journal.jsonl", SEED)))
    assert verdict.green, verdict.to_json()
    assert verdict.commands > 320
    assert len({base.folder.parents[1].name for base in archive.bases()}) == 3  # a lineage each restore
    assert {*SERVICES} <= {*archive.bases()[-1].databases}


async def lose_the_disk_twice(system: System, archive: Archive, journal: Journal) -> Verdict:
    server, verdict = system.platform.postgres, Verdict(SEED, 2, 1)

    async def lose_and_restore() -> None:
        await until(commands_of(journal, 60), what="some commands")
        await asyncio.to_thread(archive.backup, server.dsn(), programs(server))
        for more in (150, 300):
            await until(commands_of(journal, more), what=f"{more} commands")
            await asyncio.to_thread(lose_the_disk, server)
            await asyncio.to_thread(archive.restore, server)
            await asyncio.to_thread(server.start)
            await until(commands_of(journal, more + 20), what="commands after the restore")
            await asyncio.to_thread(archive.backup, server.dsn(), programs(server))

    told = await tell(system, journal, lose_and_restore)
    await count(system, journal, told, verdict, PATIENCE)
    return verdict


def commands_of(journal: Journal, number: int) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return len(journal.entries) >= number

    return reached


async def tell(system: System, journal: Journal, beside: Callable[[], Awaitable[None]]) -> WorkloadResult:
    """The story, until what is done beside it is done, and some days besides."""
    urls = {name: system.url(name) for name in SERVICES}
    client = ServiceClient(urls, system.token, seed=SEED, patience=PATIENCE, journal=journal.acknowledged)
    async with client, QuiescenceMonitor(system) as monitor:
        simulator = EndlessSimulator(CITY, seed=SEED, client=client, wait_quiescent=lambda: monitor.wait(PATIENCE))
        doing = asyncio.ensure_future(beside())
        await simulator.run_until(lambda: doing.done() and len(simulator.figures) >= 8)
        await doing
    return WorkloadResult(
        days=len(simulator.figures),
        requests=len(simulator.request_ids),
        cases=len(simulator.cases),
        simulator=simulator,
    )


@asynccontextmanager
async def kept(folder: Path, archive: Archive, **settings: str) -> AsyncIterator[tuple[PostgresServer, Receiver]]:
    """A server of its own, streaming."""
    server = PostgresServer(folder / "postgres", settings={**archive.settings, **settings})
    receiver = Receiver(server, archive, folder / "keep")
    try:
        server.start()
        receiver.start()
        yield server, receiver
    finally:
        receiver.kill()
        server.wipe()


def programs(server: PostgresServer) -> Path:
    return server.tool("postgres").parent


@pytest.mark.parametrize("synchronous", [True, False])
async def test_only_a_synchronous_archive_has_all_that_was_answered(synchronous: bool, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", synchronous=synchronous)
    async with kept(tmp_path, archive) as (server, receiver):
        server.psql("create table note (n int)")
        archive.backup(server.dsn(), programs(server))
        conn = await asyncpg.connect(server.dsn())
        await conn.execute("insert into note values (1)")
        await until(lambda: all_streamed(server), what="the archive holds all")
        receiver.pause()
        writing = asyncio.create_task(conn.execute("insert into note values (2)"))
        done, _ = await asyncio.wait({writing}, timeout=1)
        assert bool(done) is not synchronous
        await asyncio.to_thread(lose_the_disk, server)
        receiver.kill()
        await asyncio.wait({writing})
        conn.terminate()
        await asyncio.to_thread(archive.restore, server)
        await asyncio.to_thread(server.start)
        assert server.psql("select n from note") == "1"


async def test_what_no_kept_base_needs_is_dropped(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    async with kept(tmp_path, archive) as (server, _):
        made = []
        for _ in range(3):
            server.psql("select pg_switch_wal()")
            made.append(archive.backup(server.dsn(), programs(server), bases=2))
            await later(made[-1].completed_at)
        assert [base.folder for base in archive.bases()] == [base.folder for base in made[1:]]
        oldest = made[1].folder.joinpath("backup_label").read_text().split("(file ")[1][:24]
        assert min(file.name[:24] for file in archive.folder.glob("*/wal/*")) == oldest


async def test_a_receiver_that_was_away_for_too_long_begins_anew(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    async with kept(tmp_path, archive, max_slot_wal_keep_size="16MB", max_wal_size="64MB") as (server, receiver):
        archive.backup(server.dsn(), programs(server))
        receiver.stop()
        for _ in range(8):
            server.psql("select pg_logical_emit_message(false, 'x', repeat('x', 1000)); select pg_switch_wal()")
        server.psql("checkpoint")
        receiver.start()
        await until(lambda: all_streamed(server), what="the archive holds all")
        assert len([*archive.folder.glob("*.gap-*")]) == 1
        base = archive.backup(server.dsn(), programs(server))
        server.psql("create table note (n int)")
        await until(lambda: all_streamed(server), what="the archive holds all")
        lose_the_disk(server)
        assert archive.restore(server).folder == base.folder
        server.start()
        assert server.psql("select count(*) from note") == "0"


async def test_a_moment_is_restored_and_the_first_history_is_kept(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path / "archive")
    async with kept(tmp_path, archive) as (server, _):
        server.psql("create table note (n int, at timestamptz default clock_timestamp())")
        first = archive.backup(server.dsn(), programs(server))
        with pytest.raises(PlatformError, match="old enough"):
            archive.restore(PostgresServer(tmp_path / "other"), first.completed_at)
        await later(first.completed_at)
        server.psql("insert into note (n) values (1)")
        moment = await later(datetime.now(UTC))
        await later(moment)
        server.psql("insert into note (n) values (2)")
        await until(lambda: all_streamed(server), what="the archive holds all")
        with pytest.raises(PlatformError, match="move it away"):
            archive.restore(server)
        for to, found in ((moment, "1"), (None, "1\n2"), (moment, "1")):
            lose_the_disk(server)
            archive.restore(server, to)
            server.start()
            assert server.psql("select n from note order by n") == found
            await until(lambda: all_streamed(server), what="the receiver follows")
        assert len([*archive.folder.glob("*-[0-9]*/wal")]) == 4


async def all_streamed(server: PostgresServer) -> bool:
    conn = await asyncpg.connect(server.dsn())
    try:
        found = await lag(conn)
        return found is not None and found.active and found.whole and found.behind == 0
    finally:
        await conn.close()
