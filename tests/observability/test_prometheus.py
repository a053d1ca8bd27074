"""A real Prometheus looks on at a story with trouble: what should be told is told, and nothing else."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import yaml

from lab.simulate.service_client import ServiceClient
from ops.platform import PortBook
from ops.system import SERVICES, System, wait_until_quiescent
from shared.security.auth import Role
from tests.observability.errand import KELURAHAN, NAME, RESIDENT, Errand
from tests.observability.test_alerts import RULES, alerts
from tests.support.kafka import send_raw
from tests.support.polling import until
from tests.support.servers.prometheus import Prometheus, missing, prometheus

pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(missing()), reason=f"no Prometheus: {missing()}")]

FASTER = 20
"""A minute of a rule is three seconds here; thresholds in seconds stay what they are."""
BASE = {"DeadLetterArrived", "StockUnanswered"}
"""What fires from the beginning of the story: a message set aside, and cards that nobody answers for."""
DASHBOARD = RULES.parents[1] / "grafana/dashboards/jemput-bola.json"
BUILD = RULES.parents[2] / "build"


def quicker(rules: str) -> str:
    """The same rules with every `for:` and every range divided."""

    def divide(found: re.Match[str]) -> str:
        seconds = int(found[2]) * {"s": 1, "m": 60}[found[3]]
        return f"{found[1]}{max(2, seconds // FASTER)}s"

    return re.sub(r"(for: |\[)(\d+)([sm])\b", divide, rules)


def configure(folder: Path, system: System) -> Path:
    folder.mkdir()
    (folder / "alerts.yml").write_text(quicker(RULES.read_text()))
    jobs = [
        {"job_name": name, "static_configs": [{"targets": [system.url(name).removeprefix("http://")]}]}
        for name in SERVICES
    ]
    settings = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    told = {"global": settings, "rule_files": ["/etc/prometheus/alerts.yml"], "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(told))
    return folder / "prometheus.yml"


@asynccontextmanager
async def ticking(system: System, errand: Errand) -> AsyncIterator[None]:
    """Every service is told the time, each second anew, whatever else goes wrong."""

    async def tick(name: str) -> None:
        headers = {"Authorization": f"Bearer {system.token(Role.OPS)}"}
        async with httpx.AsyncClient(base_url=system.url(name), headers=headers, timeout=5) as client:
            while True:
                with suppress(httpx.TransportError):
                    await client.post("/clock", json={"at": errand.at.isoformat()})
                await asyncio.sleep(1)

    async def time_goes_on() -> None:
        while True:
            await asyncio.sleep(1)
            errand.at = errand.at.replace(microsecond=0) + (errand.at.resolution * 1_000_000)

    tasks = [asyncio.create_task(tick(name)) for name in SERVICES] + [asyncio.create_task(time_goes_on())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Watch:
    """Waits for alerts, and notes every one that fires which nobody expects."""

    def __init__(self, seen: Prometheus) -> None:
        self.seen = seen
        self.log: list[str] = []
        self._began = time.monotonic()

    async def fires(self, *names: str, besides: frozenset[str] = frozenset()) -> None:
        """Until these fire at the same time; `besides` may fire too, for a while, and nothing else."""
        wanted = set(names)

        async def look() -> bool:
            now = await asyncio.to_thread(self.seen.firing)
            assert now <= wanted | BASE | besides, f"nobody expects {now - wanted - BASE - besides}"
            return wanted <= now

        began = time.monotonic()
        await until(look, timeout=240, what=f"{wanted} firing")
        self._note(f"fires after {time.monotonic() - began:3.0f} s: {', '.join(sorted(wanted))}")

    async def calms_down(self) -> None:
        """Until BASE alone fires."""

        async def look() -> bool:
            return await asyncio.to_thread(self.seen.firing) == BASE

        began = time.monotonic()
        await until(look, timeout=240, what="calm")
        self._note(f"calm after {time.monotonic() - began:3.0f} s")

    def _note(self, words: str) -> None:
        line = f"{time.monotonic() - self._began:5.0f} s  {words}"
        self.log.append(line)
        print(line)


async def test_a_story_with_trouble_is_told_by_the_alerts(tmp_path: Path) -> None:
    system = System(tmp_path / "system", fresh=True)
    await asyncio.to_thread(system.start)
    try:
        (port,) = PortBook(tmp_path / "ports.json").settle("prometheus")
        began = time.time()
        with prometheus(configure(tmp_path / "etc", system), port) as seen:
            watch = Watch(seen)
            await _story(system, watch)
            queries = _every_query_answers(seen, began, time.time())
            _nothing_personal(system)
            watch.log.append(f"{queries} queries of dashboard and rules answer with series")
            print(watch.log[-1])
    finally:
        await asyncio.to_thread(system.stop)
    BUILD.mkdir(exist_ok=True)
    (BUILD / "alerts.txt").write_text("\n".join(watch.log) + "\n")


async def _story(system: System, watch: Watch) -> None:
    async with ServiceClient({name: system.url(name) for name in SERVICES}, system.token) as client:
        errand = Errand(system, client)
        await _short_of_cards(system, errand)
        async with ticking(system, errand):
            await watch.fires(*BASE)
            await _during(watch, system.services["dispatch"].pause, system.services["dispatch"].resume, "ServiceDown")
            await _brokers_away(system, errand, watch)
            await _during(
                watch,
                system.platform.postgres.kill,
                system.platform.postgres.start,
                *("NotReady", "ErrorsTooMany"),
                besides=frozenset({"BatchFails", "RelaySilent"}),
            )
        await errand.file()  # no tick plans its visit any more: it is seen to wait
        await watch.fires("ClockStandsStill")


async def _short_of_cards(system: System, errand: Errand) -> None:
    """60 cards last for two days, a shipment takes three; a day later nobody has answered. And a bad message."""
    await errand.receive(60)
    case_id, waiting = await errand.file(), await errand.file()
    await errand.tick()
    await errand.visit(case_id)
    await errand.print(case_id)
    await errand.visit(waiting)
    await errand.say("dispatch", f"/cases/{waiting}/print-ready", Role.PRINT_OPERATOR)
    await errand.tick()
    await errand.file()
    await errand.tick(days=9)
    await send_raw(system.bootstrap_servers, "requests", [{"value": b"{}", "key": b"x"}])
    await wait_until_quiescent(system)


async def _during(
    watch: Watch,
    begin: Callable[[], None],
    end: Callable[[], None],
    *names: str,
    besides: frozenset[str] = frozenset(),
) -> None:
    await asyncio.to_thread(begin)
    try:
        await watch.fires(*names, besides=besides)
    finally:
        await asyncio.to_thread(end)
    await watch.calms_down()


async def _brokers_away(system: System, errand: Errand, watch: Watch) -> None:
    """A letter is filed nevertheless; its events are in the outbox, older and older."""
    (broker,) = system.platform.kafka.brokers
    await asyncio.to_thread(broker.kill)
    try:
        answered = asyncio.create_task(_file_now(system, errand))
        await watch.fires("OutboxOld", "RelaySilent", "NotReady")
        await answered
    finally:
        await asyncio.to_thread(broker.start)
    await watch.calms_down()


async def _file_now(system: System, errand: Errand) -> None:
    """Without waiting until all is quiet: it is not."""
    letter = {"number": "470/9", "date": errand.at.date().isoformat()}
    body = {"at": errand.at.isoformat(), "kelurahan": KELURAHAN, "kind": "home_visit", "letter": letter}
    body |= {"consent": "warga", "documents_complete": True, "residents": [RESIDENT]}
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, KELURAHAN)}"}
    async with httpx.AsyncClient(base_url=system.url("requests"), headers=headers, timeout=30) as client:
        assert (await client.post("/requests", json=body)).status_code == 201


def _every_query_answers(seen: Prometheus, start: float, end: float) -> int:
    """Each query of the dashboard, and each selector of a rule, had series at some time of the story."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    rules = yaml.safe_load(RULES.read_text())["groups"]
    exprs = [rule["expr"] for group in rules for rule in group["rules"]]
    asked += sorted({selector for expr in exprs for selector in selectors(expr)})
    empty = [query for query in asked if not seen.ask_range(query, start, end)]
    assert empty == []
    for name, rule in alerts().items():
        seen.ask(rule["expr"])
        assert rule["expr"], name
    return len(asked)


def selectors(expr: str) -> set[str]:
    """The metrics that an expression asks for, with their labels."""
    plain = re.sub(r"\[[^]]*\]", "", expr)
    plain = re.sub(r"\b(by|on|ignoring|without)\s*\([^)]*\)", "", plain)
    found = re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[^}]*\})?(?![a-zA-Z0-9_:({]|\s*\()", plain)
    labels = re.findall(r"\{([^}]*)\}", plain)
    inside = {name for text in labels for name in re.findall(r"\w+", text)}
    return {name for name in found if name not in {"or", "and", "unless"} | inside}


def _nothing_personal(system: System) -> None:
    """Figures of all services: no person, no number as long as a NIK, and few series."""
    for name in SERVICES:
        told = httpx.get(f"{system.url(name)}/metrics", timeout=10).text
        assert NAME not in told
        assert "Jalan" not in told
        assert not re.search(r"(?<![\d.])\d{16}(?!\d)", told)
        assert len([line for line in told.splitlines() if not line.startswith("#")]) < 2000
