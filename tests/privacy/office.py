"""A whole system under a magnifying glass: everything that it emits is kept, by channel."""

import asyncio
import gzip
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from ops.platform import CaddyServer, PortBook
from ops.system import SERVICES, ServiceProcess, System
from ops.system.gateway import caddyfile, variables
from ops.system.services import HOST
from shared.contract.events import PARTITIONS, TOPICS

LEAK = r"""
import sys
import structlog
from services.requests.domain import intake
from services.requests.app import build
from shared.messaging import outbox
from shared.serving import run

file, encode, said = intake.file, outbox.encode, []

def told_to_the_log(submission, *more):
    said[:] = [application.person.name for application in submission.applications]
    structlog.get_logger().debug("filing", who=said)
    return file(submission, *more)

def told_in_a_header(event, **more):
    headers, value = encode(event, **more)
    names, _, values = headers.partition("\n")
    return f"{names} x-name\n{values}\n{' '.join(said)}", value

intake.file, outbox.encode = told_to_the_log, told_in_a_header
run(build())
"""


class Leaky(ServiceProcess):
    """Requests, patched to tell a name in a line of the log and in a header of its events."""

    def command(self) -> list[str]:
        return [sys.executable, "-c", LEAK]


class Collector:
    """Takes what is posted to it, as an OTLP receiver does; and serves `page` to whoever asks."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.page = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.taken.append(f"{self.path} {body.decode(errors='replace')}")
                self.send_response(200)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(outer.page.encode())

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Office:
    """The system, one origin in front that writes down every URL, and the texts of each channel."""

    def __init__(self, folder: Path, system: System, traces: Collector) -> None:
        self.system, self.traces, self._folder = system, traces, folder
        [port] = PortBook(folder / "front-ports.json").settle("front")
        self._access = folder / "access.log"
        upstreams = {name: system.url(name).removeprefix("http://") for name in SERVICES}
        front = logged(caddyfile(), self._access)
        self.caddy = CaddyServer(folder / "front", front, port, variables(port, upstreams))
        self.bodies: list[str] = []
        self.webhooks: list[str] = []
        self.metrics = [f"{system.url(name)}/metrics" for name in SERVICES]
        self.http = httpx.Client(timeout=30, event_hooks={"response": [self._keep]})

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        if not (response.is_success and response.url.path.endswith("/person")):
            self.bodies.append(f"{response.status_code} {response.headers.multi_items()} {response.text}")

    @property
    def channels(self) -> dict[str, Callable[[], list[str]]]:
        """Each channel by name, with what reads it anew."""
        tables = {f"tables of {name}": (lambda name=name: asyncio.run(self._tables(name))) for name in SERVICES}
        return {
            "topics": lambda: asyncio.run(self._topics()),
            "logs": lambda: _read(self._folder.glob("services/*.log*")),
            "access log": lambda: _read([self._access]),
            "log of PostgreSQL": lambda: _read([self.system.platform.postgres.log_path]),
            "metrics": lambda: [httpx.get(url).text for url in self.metrics],
            "traces": lambda: list(self.traces.taken),
            "bodies": lambda: list(self.bodies),
            "webhooks": lambda: list(self.webhooks),
            **tables,
        }

    async def _topics(self) -> list[str]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.system.bootstrap_servers, auto_offset_reset="earliest", fetch_max_wait_ms=20
        )
        await consumer.start()
        try:
            parts = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            texts: list[str] = []
            while any([await consumer.position(part) < ends[part] for part in parts]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    texts += map(_text, records)
            return texts
        finally:
            await consumer.stop()

    async def _tables(self, service: str) -> list[str]:
        conn = await asyncpg.connect(self.system.platform.dsn(service))
        try:
            names = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
            texts = []
            for name in names:
                rows = await conn.fetch(f'select t::text as line from "{name["tablename"]}" t')  # noqa: S608
                texts += [f"{name['tablename']} {row['line']}" for row in rows]
            return texts
        finally:
            await conn.close()


def _text(record: ConsumerRecord) -> str:
    parts = [record.key, record.value, *(part for name, value in record.headers for part in (name.encode(), value))]
    return record.topic + " " + " ".join((part or b"").decode(errors="replace") for part in parts)


def _read(files: Any) -> list[str]:
    return [line for file in files for line in file.read_text(errors="replace").splitlines()]


def logged(front: str, file: Path) -> str:
    """The same Caddyfile with an access log."""
    site = "{$SITE_ADDRESS:http://} {\n"
    assert front.count(site) == 1
    return front.replace(site, f"{site}\tlog {{\n\t\toutput file {file}\n\t}}\n")
