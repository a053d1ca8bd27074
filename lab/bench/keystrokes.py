"""People who type into the picker: each asks for a letter, reads the answer, and types on after a moment.

Run as a process of its own (`python -m lab.bench.keystrokes URL USERS < lines`), so that the process that is measured
does not share its interpreter. Each input line is a path with its query; prints the milliseconds of each, as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

PAUSE = 0.05
"""Seconds between the answer and the next letter: faster than anybody types."""


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
    writer.write(head)
    answer = await reader.readuntil(b"\r\n\r\n")
    if answer.split(b" ", 2)[1] != b"200":
        raise RuntimeError(answer.decode())
    length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


async def _user(url: str, paths: Iterator[str]) -> list[float]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    took = []
    for path in paths:
        began = time.perf_counter()
        await _ask(reader, writer, f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(PAUSE)
    writer.close()
    return took


async def main(url: str, users: str) -> None:
    """Ask for what is on standard input, the users taking turns; print how long each answer took."""
    paths = iter(sys.stdin.read().split())
    took = await asyncio.gather(*(_user(url, paths) for _ in range(int(users))))
    print(json.dumps([each for one in took for each in one]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
