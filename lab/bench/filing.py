"""Filing over HTTP, with token, validation, sealing and outbox; the ceiling is one bare insert an endpoint."""

import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from itertools import islice
from random import Random

import asyncpg

from lab.bench.sample import AT
from lab.simulate import CITIES
from lab.simulate.population.people import resident
from ops.paths import ROOT
from ops.platform import Server
from ops.system import System
from ops.system.services import HOST
from shared.reference.regions import kelurahan_of
from shared.security.auth import Role

CONNECTIONS = {"few_": 16, "": 32}
"""By the beginning of a figure's name."""
LINES = 30_000
"""Of one load, more than are ever answered."""
SECONDS = 4.0
ROUNDS = 3


class Bare(Server):
    """The bare endpoint as a process of its own."""

    def __init__(self, system: System, port: int) -> None:
        super().__init__("bare", system.data / "bench")
        self.port, self._dsn = port, system.platform.dsn("bench")

    def command(self) -> list[str]:
        """This interpreter on the bare endpoint."""
        return [sys.executable, "-m", "lab.bench.bare"]

    def environment(self) -> dict[str, str]:
        """Where its database is, and where it listens."""
        return {"DATABASE_URL": self._dsn, "PORT": str(self.port), "PYTHONPATH": str(ROOT), "PATH": ""}

    def probe(self) -> bool:
        """Whether it accepts connections."""
        with socket.socket() as trying:
            trying.settimeout(1)
            return trying.connect_ex((HOST, self.port)) == 0


def bodies(count: int, seed: int = 7) -> list[str]:
    """Letters for one made-up resident each, in Rejang Lebong."""
    random, city = Random(seed), CITIES["rejang-lebong"]
    villages = kelurahan_of(city.office)
    made = []
    for number in range(count):
        village = random.choice(villages)
        person = {**resident(random, city, village), "nik": None, "photo_reason": "wajah_tidak_jelas"}
        letter = {"number": f"470/{number}", "date": AT.date().isoformat()}
        body = {"kelurahan": village.code, "kind": "home_visit", "letter": letter, "consent": "warga"}
        made.append(json.dumps({"at": AT.isoformat(), **body, "documents_complete": True, "residents": [person]}))
    return made


async def _load(url: str, token: str, lines: Sequence[str], connections: int) -> float:
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lab.bench.load", url, token, str(connections), str(SECONDS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    answer, _ = await load.communicate("\n".join(lines).encode())
    return float(answer)


async def measure(system: System, port: int) -> list[dict[str, float]]:
    """The figures of `filing`, a round each: the bare endpoint and filing in turn, both with what else runs.

    `few_per_s` is measured with 16 callers at once, `per_s` with 32: as many portals as press in an office of some
    tens of kelurahan. Every letter is another one, with token, validation, encryption, outbox, and a key of its own.
    """
    conn = await asyncpg.connect(system.platform.dsn("bench"))
    await conn.execute("create table if not exists bare (id uuid primary key, at timestamptz, kelurahan text)")
    await conn.close()
    token, rounds = system.token(Role.OPERATOR, "17.02"), []
    bare, url, filing = Bare(system, port), f"http://{HOST}:{port}/rows", system.url("requests") + "/requests"
    await asyncio.to_thread(bare.start)
    try:
        for number in range(ROUNDS):
            lines, figures = iter(bodies(LINES * len(CONNECTIONS), seed=number)), {}
            for name, connections in CONNECTIONS.items():
                some = list(islice(lines, LINES))
                figures[f"{name}ceiling_per_s"] = await _load(url, token, some, connections)
                figures[f"{name}per_s"] = await _load(filing, token, some, connections)
            rounds.append(figures)
    finally:
        await asyncio.to_thread(bare.stop)
    return rounds
