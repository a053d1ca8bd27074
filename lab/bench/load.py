"""A small HTTP load: keep-alive connections that post prepared bodies as fast as they are answered.

Run as a process of its own (`python -m lab.bench.load URL CONNECTIONS SECONDS < lines`), so that the process
that is measured does not share its interpreter. Each input line is a JSON body; prints answers a second.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, body: bytes) -> None:
    key = str(uuid4()).encode()
    writer.write(head + b"Idempotency-Key: " + key + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    status = answer.split(b" ", 2)[1]
    length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    content = await reader.readexactly(int(length.split(b":")[1]))
    if not status.startswith(b"2"):
        raise RuntimeError(f"{status.decode()}: {content[:300].decode()}")


async def _connection(url: str, token: str, bodies: Iterator[bytes], until: float) -> int:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"
    ).encode()
    done = 0
    for body in bodies:
        if time.perf_counter() > until:
            break
        await _post(reader, writer, head, body)
        done += 1
    writer.close()
    return done


async def main(url: str, token: str, connections: str, seconds: str) -> None:
    """Post the bodies on standard input for some seconds; print how many were answered a second."""
    bodies = iter([line.strip() for line in sys.stdin.buffer])
    began = time.perf_counter()
    each = [_connection(url, token, bodies, began + float(seconds)) for _ in range(int(connections))]
    done = sum(await asyncio.gather(*each))
    print(done / (time.perf_counter() - began))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
