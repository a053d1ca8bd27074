"""A real Prometheus: the program on the PATH, or else the image prom/prometheus on the engine that is there."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

IMAGE = "prom/prometheus"
Run = subprocess.CompletedProcess[str]


@cache
def missing() -> str:
    """Why there is none; "" when there is one."""
    if shutil.which("prometheus") and shutil.which("promtool"):
        return ""
    if shutil.which("docker") is None:
        return "neither a program prometheus nor a docker command"
    found = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False)
    return f"no Docker engine, or the image {IMAGE} is not there" if found.returncode else ""


def promtool(folder: Path, *words: str) -> Run:
    """`promtool WORDS` in a folder."""
    if shutil.which("promtool"):
        return _run(["promtool", *words], folder)
    mount = ["-v", f"{folder}:/rules:ro", "-w", "/rules"]
    return _run(["docker", "run", "--rm", *mount, "--entrypoint", "promtool", IMAGE, *words], folder)


def _run(command: list[str], folder: Path) -> Run:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


class Prometheus:
    """Asks a running one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, query: str, at: float | None = None) -> list[dict[str, Any]]:
        """The series of an instant query. Raises AssertionError for one that does not parse."""
        return self._get("query", query=query, **({"time": str(at)} if at else {}))["result"]

    def ask_range(self, query: str, start: float, end: float, step: float = 1) -> list[dict[str, Any]]:
        """The series of a query over a span of time."""
        return self._get("query_range", query=query, start=str(start), end=str(end), step=str(step))["result"]

    def firing(self) -> set[str]:
        """Names of the alerts that fire now."""
        found = self._get("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}

    def _get(self, what: str, **query: str) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{what}", params=query, timeout=30)
        assert answer.status_code == 200, f"{query}: {answer.text[:500]}"
        return answer.json()["data"]


@contextmanager
def prometheus(config: Path, port: int) -> Iterator[Prometheus]:
    """Runs with a configuration file; its folder is there as /etc/prometheus. Gone when the block ends."""
    name = f"prometheus-{uuid4().hex[:8]}"
    options = [f"--web.listen-address=127.0.0.1:{port}"]
    if shutil.which("prometheus"):
        data = config.parent / "data"
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={data}", *options]
    else:
        inside = [f"--config.file=/etc/prometheus/{config.name}", "--storage.tsdb.path=/tmp/data", *options]
        mount = ["--network=host", "-v", f"{config.parent}:/etc/prometheus:ro"]
        command = ["docker", "run", "--rm", f"--name={name}", *mount, "--entrypoint=prometheus", IMAGE, *inside]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        made = Prometheus(f"http://127.0.0.1:{port}")
        _await_ready(made, process)
        yield made
    finally:
        if "docker" in command[0]:
            subprocess.run(["docker", "rm", "-f", name], capture_output=True, check=False)
        process.terminate()
        process.wait(30)


def _await_ready(made: Prometheus, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "Prometheus ended"
        try:
            if httpx.get(f"{made.url}/-/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)  # a process outside offers nothing to wait for
    raise AssertionError("Prometheus is not ready within 60 s")
