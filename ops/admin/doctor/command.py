"""Runs all checks and prints them."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping

import httpx
from rich.console import Console

from ops.admin import connections
from ops.admin.consumer_groups import clients
from ops.admin.doctor.databases import database_lines
from ops.admin.doctor.kafka import kafka_lines
from ops.admin.doctor.machine import machine
from ops.admin.doctor.result import Line, well, wrong
from ops.admin.output import say, say_json
from ops.platform import PlatformError
from ops.system.discovery import Running
from ops.system.services import SERVICES
from shared.connection import Session

console = Console()


def doctor(as_json: bool, every: bool = False, environment: Mapping[str, str] = os.environ) -> int:
    """Check everything; `every` shows each check that is well too. Returns 1 when something is wrong."""
    lines = asyncio.run(_examine(environment))
    if as_json:
        say_json(console, lines)
    else:
        _show(lines, every)
    return 0 if all(line.ok for line in lines) else 1


async def _examine(environment: Mapping[str, str]) -> list[Line]:
    lines = list(machine(environment))
    try:
        where = connections.system()
    except PlatformError as error:
        return [*lines, wrong("sistem", error.problem, error.remedy)]
    parts = (_services(where), *(_database(where, name) for name in SERVICES), _kafka(where))
    return lines + [line for found in await asyncio.gather(*map(_all, parts)) for line in found]


async def _all(part: AsyncIterator[Line]) -> list[Line]:
    """A part that breaks off keeps the lines it had."""
    lines = []
    try:
        async for line in part:
            lines.append(line)  # noqa: PERF401  those before a failure count
    except PlatformError as error:
        lines.append(wrong("sistem", error.problem, error.remedy))
    return lines


async def _services(where: Running) -> AsyncIterator[Line]:
    async with httpx.AsyncClient(timeout=5) as client:
        for name in SERVICES:
            url = where.urls.get(name, "")
            try:
                response = await client.get(f"{url}/health/ready")
                missing = (
                    {k: v for k, v in response.json().items() if v != "ok"} if response.status_code != 200 else {}
                )
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                said = f"{name}: tidak menjawab di {url} ({type(error).__name__})"
                yield wrong("layanan", said, f"jalankan {name}, atau sebutkan alamatnya di {name.upper()}_URL")
                continue
            if missing:
                words = ", ".join(f"{what} {state}" for what, state in missing.items())
                yield wrong("layanan", f"{name}: belum siap: {words}", f"lihat log {name}")
            else:
                yield well("layanan", f"{name}: siap di {url}")


async def _database(where: Running, service: str) -> AsyncIterator[Line]:
    async with connections.database(where, service) as conn:
        session: Session = conn
        async for line in database_lines(service, session):
            yield line


async def _kafka(where: Running) -> AsyncIterator[Line]:
    async with clients(where) as (admin, reader):
        async for line in kafka_lines(admin, reader):
            yield line


def _show(lines: list[Line], every: bool) -> None:
    """What is well in short, what is wrong at the end, where the eye is."""
    for part in dict.fromkeys(line.part for line in lines):
        good = [line.says for line in lines if line.part == part and line.ok]
        if every or len(good) == 1:
            for says in good:
                say(console, f"✓ {part:<14} {says}", "green")
        elif good:
            say(console, f"✓ {part:<14} {', '.join(says.partition(':')[0] for says in good)}", "green")
    wrongs = [line for line in lines if not line.ok]
    for line in wrongs:
        say(console, f"✕ {line.part:<14} {line.says}", "bold red")
        say(console, f"{'':<17}→ {line.remedy}")
    if wrongs:
        say(console, f"\n{len(wrongs)} hal perlu dibenahi, {len(lines) - len(wrongs)} baik", "bold red")
    else:
        say(console, f"\nSemua baik: {len(lines)} pemeriksaan", "bold green")
