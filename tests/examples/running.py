"""Runs a file of docs/examples as a user does, and a connection to the office that loses an answer."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from ops.system import System
from tests.support.servers.npm import NODE, installed

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SECONDS = 60.0


def folder_with_packages(folder: Path) -> Path:
    """A copy of the examples beside the packages that package-lock.json names."""
    made = shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("node_modules"))
    (made / "node_modules").symlink_to(installed(EXAMPLES) / "node_modules")
    return made


class Example:
    """A running example; what it printed is read line by line."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.printed: list[str] = []

    async def line(self, beginning: str) -> str:
        """The next line that begins so. Raises AssertionError when none comes."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(SECONDS):
                while line := await self.process.stdout.readline():
                    self.printed.append(line.decode().rstrip("\n"))
                    if self.printed[-1].startswith(beginning):
                        return self.printed[-1]
        except TimeoutError:
            pass
        raise AssertionError(f"no line begins with {beginning!r} in {self.printed}")

    async def ended(self) -> tuple[str, str]:
        """What it printed since, and its errors; it must have ended well."""
        printed, errors = await asyncio.wait_for(self.process.communicate(), SECONDS)
        assert self.process.returncode == 0, errors.decode()
        return printed.decode(), errors.decode()


@asynccontextmanager
async def example(file: Path, **variables: str) -> AsyncIterator[Example]:
    """Run an example with these environment variables; it is gone at the end, however that comes."""
    program = str(NODE) if file.suffix == ".mjs" else sys.executable
    environment = {"PATH": os.environ["PATH"], **variables}
    process = await asyncio.create_subprocess_exec(program, file, stdout=PIPE, stderr=PIPE, env=environment)
    try:
        yield Example(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class LossyConnection:
    """Leads to the office, and ends the connection instead of handing on the first 201."""

    def __init__(self, system: System) -> None:
        assert system.caddy is not None
        self._office = urlsplit(system.caddy.url)
        self.lost = 0
        self.url = ""

    async def __aenter__(self) -> "LossyConnection":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, commands = await asyncio.open_connection(self._office.hostname, self._office.port)
        forth = asyncio.create_task(self._copy(reader, commands, loses=False))
        await self._copy(answers, writer, loses=True)
        await forth

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, loses: bool) -> None:
        try:
            while data := await reader.read(65536):
                if loses and not self.lost and data.startswith(b"HTTP/1.1 201"):
                    self.lost += 1
                    break
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
