"""The picker over HTTP as people type: every beginning of a name, some with a slip, some with their kecamatan."""

import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from random import Random
from statistics import median, quantiles
from urllib.parse import urlencode

from lab.simulate import CITIES
from ops.paths import ROOT
from ops.platform import Server
from ops.system import System
from ops.system.services import HOST
from shared.reference.village_search import villages_of

USERS = 8
NAMES = 150
"""Names typed, a third of them of villages elsewhere."""
SLIP, WITH_KECAMATAN = 0.1, 0.25
ELSEWHERE = ("33.29", "11.08", "35.07", "73.06", "12.07", "94.03")


class Constant(Server):
    """The ceiling as a process of its own."""

    def __init__(self, system: System, port: int, answer: str) -> None:
        super().__init__("constant", system.data / "bench")
        self.port, self._answer = port, answer

    def command(self) -> list[str]:
        """This interpreter on the constant answer."""
        return [sys.executable, "-m", "lab.bench.constant"]

    def environment(self) -> dict[str, str]:
        """What it says, and where it listens."""
        return {"ANSWER": self._answer, "PORT": str(self.port), "PYTHONPATH": str(ROOT), "PATH": ""}

    def probe(self) -> bool:
        """Whether it accepts connections."""
        with socket.socket() as trying:
            trying.settimeout(1)
            return trying.connect_ex((HOST, self.port)) == 0


def typed(names: int = NAMES) -> list[str]:
    """The paths of what people ask for, letter by letter; the same in every run."""
    random = Random(11)
    asked: list[str] = []
    offices = [city.office for city in CITIES.values()]
    for _ in range(names):
        office = random.choice(offices)
        village = random.choice(villages_of(office if random.random() < 2 / 3 else random.choice(ELSEWHERE)))
        text = village.name.lower()
        if random.random() < SLIP:
            at = random.randrange(len(text))
            text = text[:at] + random.choice("aeioukngr") + text[at + 1 :]
        if random.random() < WITH_KECAMATAN:
            text = f"{text} {village.kecamatan.lower()}"
        asked += (f"/wilayah?{urlencode({'q': text[:end], 'dalam': office})}" for end in range(1, len(text) + 1))
    return asked


async def _took(url: str, paths: Sequence[str]) -> list[float]:
    load = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lab.bench.keystrokes", url, str(USERS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    answer, _ = await load.communicate("\n".join(paths).encode())
    took: list[float] = json.loads(answer)
    return took


def figures_of(took: Sequence[float], ceiling: Sequence[float]) -> dict[str, float]:
    """Half and all but one in a hundred of the answers came within; the same of the constant answer."""
    return {
        "p50_ms": median(took),
        "p99_ms": quantiles(took, n=100)[98],
        "ceiling_p50_ms": median(ceiling),
        "ceiling_p99_ms": quantiles(ceiling, n=100)[98],
    }


async def measure(system: System, port: int) -> dict[str, float]:
    """The figures of `picker`."""
    paths = typed()
    found = [{"code": v.code, "name": v.name, "kecamatan": v.kecamatan} for v in villages_of("17.02")[:10]]
    constant = Constant(system, port, json.dumps({"items": found}))
    await asyncio.to_thread(constant.start)
    try:
        ceiling = await _took(f"http://{HOST}:{port}", paths)
    finally:
        await asyncio.to_thread(constant.stop)
    await _took(system.url("requests"), paths[:USERS])  # a process that has just begun is still making its index
    return figures_of(await _took(system.url("requests"), paths), ceiling)
