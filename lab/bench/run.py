"""Runs every measurement on one fresh system and writes the table."""

import asyncio
import json
import secrets
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from lab.bench import backup, csv_import, filing, latency, picker, relay, stock
from ops.paths import BUILD, DEFAULT_DATA, ROOT
from ops.platform import PortBook
from ops.system import System, provision
from shared.database.migrate import MESSAGING, migrate
from shared.serving import configure_gc
from shared.settings.kafka import Brokers

ROUNDS = 3
RELAYED, PRINTED = 100_000, 100_000


async def _room(system: System, *folders: Path) -> tuple[str, str]:
    """A fresh database with these migrations, and topics of its own: (dsn, namespace)."""
    name = f"bench_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(system.platform.database_url)
    await admin.execute(f"create database {name}")
    await admin.close()
    dsn = system.platform.dsn(name)
    conn = await asyncpg.connect(dsn)
    await migrate(conn, MESSAGING, *folders)
    await conn.close()
    await provision.topics(Brokers(system.bootstrap_servers), f"{name}.")
    return dsn, f"{name}."


def _best_ratio(rounds: list[dict[str, float]], subject: str) -> dict[str, float]:
    """The round whose ratio of subject to ceiling is the median: subject and ceiling stay of one minute."""
    ordered = sorted(rounds, key=lambda figures: figures[subject] / figures["ceiling_per_s"])
    return ordered[len(ordered) // 2]


async def _measure(system: System, console: Console) -> dict[str, Any]:
    servers = system.bootstrap_servers
    figures: dict[str, Any] = {}
    with console.status("latency of the story") as status:
        figures["latency_ms"] = await latency.measure(system)
        admin = await asyncpg.connect(system.platform.database_url)
        await admin.execute("create database bench")
        await admin.close()
        (port,) = PortBook(system.data / "bench-ports.json").settle("bare")
        status.update("picker")
        figures["picker"] = await picker.measure(system, port)
        status.update("a list of 10,000 residents")
        figures["csv_import"] = await csv_import.measure(system)
        # The services would share the two cores with what is measured now.
        others = [service for name, service in system.services.items() if name != "requests"]
        await asyncio.gather(*(asyncio.to_thread(service.stop) for service in others))
        status.update("filing")
        rounds = await filing.measure(system, port)
        figures["filing"] = _best_ratio(rounds, "per_s")
        for key in ("few_per_s", "few_ceiling_per_s"):
            figures["filing"][key] = median(each[key] for each in rounds)
        await asyncio.to_thread(system.services["requests"].stop)
        relays, posts = [], []
        for number in range(ROUNDS):
            status.update(f"relay, round {number + 1} of {ROUNDS}")
            dsn, namespace = await _room(system)
            relays.append(await relay.measure(dsn, servers, namespace, RELAYED))
            status.update(f"print to stock, round {number + 1} of {ROUNDS}")
            _, first = await _room(system)
            dsn, second = await _room(system, ROOT / "services" / "inventory" / "migrations")
            posts.append(await stock.measure(dsn, servers, (first, second), PRINTED))
        figures["relay"] = _best_ratio(relays, "drained_per_s")
        figures["relay"]["live_per_s"] = median(each["live_per_s"] for each in relays)
        figures["print_to_stock"] = _best_ratio(posts, "per_s")
        figures["print_to_stock"]["best_per_s"] = max(each["per_s"] for each in posts)
    return figures


def _show(console: Console, figures: dict[str, Any]) -> None:
    table = Table(title="Throughput, beside the ceiling of the same run", title_justify="left")
    for heading in ("what", "per second", "ceiling", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, key in (
        ("filing", "few_per_s"),
        ("filing", "per_s"),
        ("relay", "drained_per_s"),
        ("relay", "live_per_s"),
        ("print_to_stock", "per_s"),
    ):
        found = figures[name]
        per_s, ceiling = found[key], found.get(key.replace("per_s", "ceiling_per_s"), found["ceiling_per_s"])
        table.add_row(f"{name}.{key}", f"{per_s:,.0f}", f"{ceiling:,.0f}", f"{per_s / ceiling:.2f}")
    console.print(table)
    table = Table(title="Latency of machine-caused edges, milliseconds", title_justify="left")
    for heading in ("commands a second", "edge", "p50", "p99"):
        table.add_column(heading, justify="left" if heading == "edge" else "right")
    for rate, edges in figures["latency_ms"].items():
        for edge, values in edges.items():
            table.add_row(rate, edge, f"{values['p50']:.1f}", f"{values['p99']:.1f}")
    console.print(table)
    table = Table("what", "measured", "ceiling", title="Answers to people, milliseconds", title_justify="left")
    for key in ("p50_ms", "p99_ms"):
        found, ceiling = figures["picker"][key], figures["picker"][f"ceiling_{key}"]
        table.add_row(f"picker.{key}", f"{found:.1f}", f"{ceiling:.1f}")
    for key, seconds in figures["csv_import"].items():
        table.add_row(f"csv_import.{key}", f"{1000 * seconds:,.0f}", "-")
    console.print(table)
    table = Table("archive", "commit p50, ms", "ratio", "lost with the disk", title="Keeping", title_justify="left")
    for way, found in figures["keep"].items():
        ratio = found["p50_ms"] / figures["keep"]["none"]["p50_ms"]
        table.add_row(way, f"{found['p50_ms']:.2f}", f"{ratio:.2f}", f"{found.get('lost', '-')}")
    console.print(table)


def main() -> int:
    """Measure everything; print a table and write build/bench.json."""
    console = Console()
    configure_gc()  # as a service does
    with System(DEFAULT_DATA / "bench", fresh=True, console=console) as system:
        figures = asyncio.run(_measure(system, console))
    figures["keep"] = asyncio.run(backup.measure())
    _show(console, figures)
    target = BUILD / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=2))
    console.print("build/bench.json")
    return 0
