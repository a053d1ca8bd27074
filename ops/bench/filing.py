"""Filing over HTTP, with token, validation, sealing and outbox; the ceiling is one bare insert an endpoint."""

import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from random import Random

import asyncpg

from ops.bench.sample import AT
from ops.platform import Server
from ops.simulate import CITIES
from ops.simulate.people import resident
from ops.system import System
from ops.system.services import HOST, ROOT
from shared.auth import Role
from shared.regions import kelurahan_of

CONNECTIONS = 16
SECONDS = 4.0


class Bare(Server):
    """The bare endpoint as a process of its own."""

    def __init__(self, system: System, port: int) -> None:
        super().__init__("bare", system.data / "bench")
        self.port, self._dsn = port, system.platform.dsn("bench")

    def command(self) -> list[str]:
        """This interpreter on the bare endpoint."""
        return [sys.executable, "-m", "ops.bench.bare"]

    def environment(self) -> dict[str, str]:
        """Where its database is, and where it listens."""
        return {"DATABASE_URL": self._dsn, "PORT": str(self.port), "PYTHONPATH": str(ROOT), "PATH": ""}

    def probe(self) -> bool:
        """Whether it accepts connections."""
        with socket.socket() as trying:
            trying.settimeout(1)
            return trying.connect_ex((HOST, self.port)) == 0


def bodies(count: int) -> list[str]:
    """Letters for one made-up resident each, in Rejang Lebong."""
    random, city = Random(7), CITIES["rejang-lebong"]
    villages = kelurahan_of(city.office)
    made = []
    for number in range(count):
        village = random.choice(villages)
        person = {**resident(random, city, village, AT.date()), "nik": None, "photo_reason": "wajah_tidak_jelas"}
        letter = {"number": f"470/{number}", "date": AT.date().isoformat()}
        body = {"kelurahan": village.code, "kind": "home_visit", "letter": letter, "documents_complete": True}
        made.append(json.dumps({"at": AT.isoformat(), **body, "residents": [person]}))
    return made


async def _load(url: str, token: str, lines: Sequence[str]) -> float:
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.bench.load", url, token, str(CONNECTIONS), str(SECONDS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    answer, _ = await load.communicate("\n".join(lines).encode())
    return float(answer)


async def measure(system: System, port: int) -> dict[str, float]:
    """The figures of `filing`."""
    conn = await asyncpg.connect(system.platform.dsn("bench"))
    await conn.execute("create table if not exists bare (id uuid primary key, at timestamptz, kelurahan text)")
    await conn.close()
    lines = bodies(30_000)
    token = system.token(Role.OPERATOR, "17.02")
    bare = Bare(system, port)
    await asyncio.to_thread(bare.start)
    try:
        ceiling = await _load(f"http://{HOST}:{port}/rows", token, lines)
    finally:
        await asyncio.to_thread(bare.stop)
    return {"per_s": await _load(system.url("requests") + "/requests", token, lines), "ceiling_per_s": ceiling}
