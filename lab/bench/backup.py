"""What the archive costs a commit, and what a lost disk costs: without an archive, with one, and with one that every
commit waits for, in turn on the same server."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

import asyncpg

from ops.backup import Archive, Receiver
from ops.platform.postgres.server import PostgresServer

ROUNDS, COMMITS, WRITERS = 3, 300, 16
WAYS = ("none", "asynchronous", "synchronous")


async def measure() -> dict[str, dict[str, float]]:
    """By way of keeping: commit latency of one writer and of many (ms), and after the loss of the disk how many
    acknowledged commits are lost, and seconds until the server takes commands again."""
    with tempfile.TemporaryDirectory(prefix="jemput-bola-") as folder:
        archive = Archive(Path(folder) / "archive")
        server = PostgresServer(Path(folder) / "postgres", settings={"max_slot_wal_keep_size": "4GB"})
        receiver = Receiver(server, archive, Path(folder) / "keep")
        try:
            await asyncio.to_thread(server.start)
            server.psql("create table note (n bigint generated always as identity, said text)")
            figures = await _latencies(server, receiver)
            for way in WAYS[1:]:
                figures[way] |= await _lose(server, receiver, archive, way)
        finally:
            receiver.kill()
            server.wipe()
    return figures


async def _latencies(server: PostgresServer, receiver: Receiver) -> dict[str, dict[str, float]]:
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, found in rounds.items():
            await _keep(server, receiver, way)
            alone, crowd = await _commits(server, 1), await _commits(server, WRITERS)
            found.append(
                {
                    "p50_ms": median(alone),
                    "p99_ms": quantiles(alone, n=100)[98],
                    f"p50_ms_of_{WRITERS}": median(crowd),
                }
            )
    return {way: {name: median(each[name] for each in found) for name in found[0]} for way, found in rounds.items()}


async def _keep(server: PostgresServer, receiver: Receiver, way: str) -> None:
    names = "keep" if way == "synchronous" else ""
    if way == "none":
        server.psql("alter system set synchronous_standby_names = ''")
        receiver.stop()
    else:
        await asyncio.to_thread(receiver.start)
        server.psql(f"alter system set synchronous_standby_names = '{names}'")
    server.psql("select pg_reload_conf()")


async def _commits(server: PostgresServer, writers: int) -> Sequence[float]:
    async def write() -> list[float]:
        conn = await asyncpg.connect(server.dsn())
        taken = []
        for _ in range(COMMITS):
            began = time.perf_counter()
            await conn.execute("insert into note (said) values ('selesai')")
            taken.append(1000 * (time.perf_counter() - began))
        await conn.close()
        return taken

    return [each for taken in await asyncio.gather(*(write() for _ in range(writers))) for each in taken]


async def _lose(server: PostgresServer, receiver: Receiver, archive: Archive, way: str) -> dict[str, float]:
    await _keep(server, receiver, way)
    await asyncio.to_thread(archive.backup, server.dsn(), server.tool("postgres").parent)
    said: list[int] = []
    writing = asyncio.create_task(_write(server.dsn(), said))
    while len(said) < COMMITS and not writing.done():
        await asyncio.sleep(0.001)
    server.kill()
    began = time.perf_counter()
    await writing
    await asyncio.to_thread(shutil.rmtree, server.data)
    await asyncio.to_thread(archive.restore, server)
    await asyncio.to_thread(server.start)
    seconds = time.perf_counter() - began
    there = {int(n) for n in server.psql("select n from note").split()}
    return {"lost": len(set(said) - there), "of": len(said), "restored_s": seconds}


async def _write(dsn: str, said: list[int]) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        while True:
            said.append(await conn.fetchval("insert into note (said) values ('selesai') returning n"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        conn.terminate()
