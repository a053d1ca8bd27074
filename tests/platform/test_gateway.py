"""The one Caddyfile, in front of servers that say what reached them: who is led where, and what is not led to."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from ops.platform import CaddyServer, PortBook
from ops.system.gateway import caddyfile, variables
from ops.system.services import SERVICES


class Echo(BaseHTTPRequestHandler):
    """Answers with the path and the address it was told of."""

    def do_GET(self) -> None:
        said = {"path": self.path, "for": self.headers.get_all("X-Forwarded-For"), "port": self.server.server_port}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[tuple[httpx.Client, dict[str, int]]]:
    servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), Echo) for name in SERVICES}
    for server in servers.values():
        Thread(target=server.serve_forever, daemon=True).start()
    ports = {name: server.server_port for name, server in servers.items()}
    (port,) = PortBook(tmp_path / "ports.json").settle("gateway")
    places = variables(port, {name: f"127.0.0.1:{number}" for name, number in ports.items()})
    caddy = CaddyServer(tmp_path / "caddy", caddyfile(), port, places)
    caddy.launch()
    try:
        caddy.await_ready()
        with httpx.Client(base_url=caddy.url) as client:
            yield client, ports
    finally:
        caddy.stop()
        for server in servers.values():
            server.shutdown()
            server.server_close()


def test_each_service_has_its_place_and_one_address_is_said(origin: tuple[httpx.Client, dict[str, int]]) -> None:
    client, ports = origin
    for name, port in ports.items():
        said = client.get(f"/api/{name}/things?x=1", headers={"X-Forwarded-For": "203.0.113.7"}).json()
        assert said == {"path": "/things?x=1", "for": ["127.0.0.1"], "port": port}


def test_what_is_for_those_within_is_not_led_to(origin: tuple[httpx.Client, dict[str, int]]) -> None:
    client, _ = origin
    assert client.get("/health").status_code == 200
    hidden = ("metrics", "health/ready", "Health/Live", "%6detrics", "/metrics", "x/../health/live", "x/..%2fmetrics")
    for path in (*(f"/api/requests/{inside}" for inside in hidden), "/api/", "/metrics"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
        assert answer.json()["status"] == 404


def test_an_unknown_path_gets_a_page_and_reaches_no_service(
    origin: tuple[httpx.Client, dict[str, int]],
) -> None:
    client, ports = origin
    for path in ("/metrics", "/clock", "/api/requests/metrics", "/api/requests/health/ready", "/permohonann?id=1"):
        said = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"}).json()
        assert (said["path"].partition("?")[0], said["port"]) == ("/tidak-ada", ports["requests"]), path


def test_a_service_that_is_away_is_said_as_a_problem(
    origin: tuple[httpx.Client, dict[str, int]], tmp_path: Path
) -> None:
    (port, nobody) = PortBook(tmp_path / "other.json").settle("gateway", "nobody")
    places = variables(port, dict.fromkeys(SERVICES, f"127.0.0.1:{nobody}"))
    caddy = CaddyServer(tmp_path / "other", caddyfile(), port, places)
    caddy.launch()
    try:
        caddy.await_ready()
        answer = httpx.get(f"{caddy.url}/api/notify/alerts", timeout=20)
    finally:
        caddy.stop()
    assert (answer.status_code, answer.json()["status"]) == (502, 502)
