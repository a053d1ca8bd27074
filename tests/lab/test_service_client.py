import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.simulate.service_client import Command, CommandRejected, ServiceClient
from shared.security.auth import Role

AT = datetime(2026, 4, 6, 8, tzinfo=UTC)


class Service:
    """A real HTTP server that answers as it is told; None hangs up."""

    def __init__(self) -> None:
        self.answers: list[int | None] = []
        self.keys: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        await reader.readexactly(int(headers.get("content-length", 0)))
        self.keys.append(headers.get("idempotency-key", ""))
        status = self.answers.pop(0)
        if status is not None:
            body = json.dumps({"status": status}).encode()
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode())
            writer.write(body)
            await writer.drain()
        writer.close()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


def command(what: str = "w") -> Command:
    return Command(what, "s", "/x", Role.OPERATOR, "17.02", AT, {"quantity": 1})


async def test_a_command_is_repeated_under_its_key_until_answered(service: Service) -> None:
    service.answers = [503, None, 201]
    journal: list[tuple[str, Any]] = []
    async with ServiceClient(
        {"s": service.url}, lambda role, wilayah: "t", journal=lambda c, a: journal.append((c.what, a))
    ) as client:
        assert await client.post(command()) == {"status": 201}
    assert len(service.keys) == 3
    assert len(set(service.keys)) == 1
    assert journal == [("w", {"status": 201})]
    assert (client.commands, client.repeated) == (1, 2)


async def test_a_no_is_not_asked_again_nor_journalled(service: Service) -> None:
    service.answers = [409]
    journal: list[Any] = []
    async with ServiceClient(
        {"s": service.url}, lambda *_: "t", journal=lambda *said: journal.append(said)
    ) as client:
        with pytest.raises(CommandRejected) as turned:
            await client.post(command())
    assert turned.value.status == 409
    assert journal == []


async def test_keys_follow_from_seed_and_name(service: Service) -> None:
    service.answers = [200] * 4
    for seed, what in ((1, "a"), (1, "a"), (1, "b"), (2, "a")):
        async with ServiceClient({"s": service.url}, lambda *_: "t", seed=seed) as client:
            await client.post(command(what))
    first, again, other, seeded = service.keys
    assert first == again
    assert len({first, other, seeded}) == 3
