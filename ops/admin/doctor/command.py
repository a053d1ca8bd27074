"""Runs all checks and prints them."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping

import httpx
from rich.console import Console

from ops.admin import connections
from ops.admin.consumer_groups import clients
from ops.admin.doctor.databases import check_database
from ops.admin.doctor.kafka import check_kafka
from ops.admin.doctor.machine import machine
from ops.admin.doctor.result import CheckResult, failed, passed
from ops.admin.output import print_json, print_line
from ops.command_line import Everything, Json
from ops.platform import PlatformError
from ops.system.discovery import RunningSystem
from ops.system.services import SERVICES
from shared.database.connection import Session

console = Console()


def doctor(every: Everything = False, as_json: Json = False) -> int:
    """Check the machine, the packages and the running system, and say what is wrong and what to do.

    --all shows each check that passed too. Exit code 1 when one failed.
    """
    results = asyncio.run(_examine(os.environ))
    if as_json:
        print_json(console, results)
    else:
        _show(results, every)
    return 0 if all(result.ok for result in results) else 1


async def _examine(environment: Mapping[str, str]) -> list[CheckResult]:
    results = list(machine(environment))
    try:
        where = connections.running_system()
    except PlatformError as error:
        return [*results, failed("sistem", error.problem, error.remedy)]
    parts = (_services(where), *(_database(where, name) for name in SERVICES), _kafka(where))
    return results + [result for found in await asyncio.gather(*map(_all, parts)) for result in found]


async def _all(part: AsyncIterator[CheckResult]) -> list[CheckResult]:
    """A part that breaks off keeps the results it had."""
    results = []
    try:
        async for result in part:
            results.append(result)  # noqa: PERF401  those before a failure count
    except PlatformError as error:
        results.append(failed("sistem", error.problem, error.remedy))
    return results


async def _services(where: RunningSystem) -> AsyncIterator[CheckResult]:
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
                yield failed("layanan", said, f"jalankan {name}, atau sebutkan alamatnya di {name.upper()}_URL")
                continue
            if missing:
                words = ", ".join(f"{what} {state}" for what, state in missing.items())
                yield failed("layanan", f"{name}: belum siap: {words}", f"lihat log {name}")
            else:
                yield passed("layanan", f"{name}: siap di {url}")


async def _database(where: RunningSystem, service: str) -> AsyncIterator[CheckResult]:
    async with connections.database(where, service) as conn:
        session: Session = conn
        async for result in check_database(service, session):
            yield result


async def _kafka(where: RunningSystem) -> AsyncIterator[CheckResult]:
    async with clients(where) as (admin, reader):
        async for result in check_kafka(admin, reader):
            yield result


def _show(results: list[CheckResult], every: bool) -> None:
    """What is well in short, what is wrong at the end, where the eye is."""
    for part in dict.fromkeys(result.part for result in results):
        good = [result.says for result in results if result.part == part and result.ok]
        if every or len(good) == 1:
            for says in good:
                print_line(console, f"✓ {part:<14} {says}", "green")
        elif good:
            print_line(console, f"✓ {part:<14} {', '.join(says.partition(':')[0] for says in good)}", "green")
    wrongs = [result for result in results if not result.ok]
    for result in wrongs:
        print_line(console, f"✕ {result.part:<14} {result.says}", "bold red")
        print_line(console, f"{'':<17}→ {result.remedy}")
    if wrongs:
        print_line(console, f"\n{len(wrongs)} hal perlu dibenahi, {len(results) - len(wrongs)} baik", "bold red")
    else:
        print_line(console, f"\nSemua baik: {len(results)} pemeriksaan", "bold green")
