"""Keeping: what the archive holds is enough to go on after the database's disk is gone."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from ops.faults.count import count
from ops.faults.endless import CITY, EndlessSimulator
from ops.faults.journal import Journal
from ops.faults.story import Told
from ops.faults.verdict import Verdict
from ops.keep import Archive, Receiver
from ops.keep.lag import lag
from ops.platform import PlatformError
from ops.platform.postgres import PostgresServer
from ops.simulate import Line
from ops.system import SERVICES, Quiet, System
from tests.support.polling import until

pytestmark = pytest.mark.long
SEED, PATIENCE = 11, 90.0


def lose_the_disk(server: PostgresServer) -> None:
    """The machine dies, and its disk with it."""
    server.kill()
    shutil.rmtree(server.data)


@pytest.mark.timeout(300)
def test_after_the_loss_of_the_disk_all_goes_on_from_the_last_commit(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive", synchronous=True)
    with System(tmp_path / "system", fresh=True, keep=archive) as system:
        verdict = asyncio.run(lose_the_disk_twice(system, archive, Journal(tmp_path / "journal.jsonl", SEED)))
    assert verdict.green, verdict.to_json()
    assert verdict.commands > 320
    assert len({base.folder.parents[1].name for base in archive.bases()}) == 3  # a lineage each restore
    assert {*SERVICES} <= {*archive.bases()[-1].databases}


async def lose_the_disk_twice(system: System, archive: Archive, journal: Journal) -> Verdict:
    server, verdict = system.platform.postgres, Verdict(SEED, 2, 1)

    async def lose_and_restore() -> None:
        await until(commands_of(journal, 60), what="some commands")
        await asyncio.to_thread(archive.backup, server.dsn(), server.tool("postgres").parent)
        for more in (150, 300):
            await until(commands_of(journal, more), what=f"{more} commands")
            await asyncio.to_thread(lose_the_disk, server)
            await asyncio.to_thread(archive.restore, server)
            await asyncio.to_thread(server.start)
            await until(commands_of(journal, more + 20), what="commands after the restore")
            await asyncio.to_thread(archive.backup, server.dsn(), server.tool("postgres").parent)

    told = await tell(system, journal, lose_and_restore)
    await count(system, journal, told, verdict, PATIENCE)
    return verdict


def commands_of(journal: Journal, number: int) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return len(journal.entries) >= number

    return reached


async def tell(system: System, journal: Journal, beside: Callable[[], Awaitable[None]]) -> Told:
    """The story, until what is done beside it is done, and some days besides."""
    urls = {name: system.url(name) for name in SERVICES}
    line = Line(urls, system.token, seed=SEED, patience=PATIENCE, journal=journal.acknowledged)
    async with line, Quiet(system) as quiet:
        simulator = EndlessSimulator(CITY, seed=SEED, line=line, quiet=lambda: quiet.wait(PATIENCE))
        doing = asyncio.ensure_future(beside())
        await simulator.run_until(lambda: doing.done() and len(simulator.figures) >= 8)
        await doing
    return Told(
        days=len(simulator.figures),
        requests=len(simulator.request_ids),
        cases=len(simulator.cases),
        simulator=simulator,
    )


async def test_a_moment_can_be_restored_and_a_second_history_never_takes_the_place_of_the_first(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path / "archive")
    server = PostgresServer(tmp_path / "postgres", settings=archive.settings)
    receiver = Receiver(server, archive, tmp_path / "keep")
    try:
        server.start()
        receiver.start()
        server.psql("create table note (n int, at timestamptz default clock_timestamp())")
        first = archive.backup(server.dsn(), server.tool("postgres").parent)
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
    finally:
        receiver.kill()
        server.wipe()


async def all_streamed(server: PostgresServer) -> bool:
    conn = await asyncpg.connect(server.dsn())
    try:
        found = await lag(conn)
        return found is not None and found.active and found.whole and found.behind == 0
    finally:
        await conn.close()


async def later(moment: datetime) -> datetime:
    """The first whole second after a moment has passed."""

    async def passed() -> datetime | None:
        now = datetime.now(UTC).replace(microsecond=0)
        return now if now > moment else None

    found = await until(passed)
    assert found is not None
    return found
