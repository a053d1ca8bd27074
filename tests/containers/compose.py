"""The project's own docker-compose.yml as a test runs it: a project, a port, secrets and settings of its own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.system import SERVICES, Issuer, secrets
from shared.security.auth import Role
from tests.support.signers import Signer

ROOT = Path(__file__).parents[2]
TAG = f"test-{os.getpid()}"
IMAGES = "jemput-bola"


def binary() -> str:
    """Docker Compose at the pinned version, in an environment of its own below .platform."""
    folder = ROOT / ".platform" / "compose"
    found = folder / "bin" / "docker-compose"
    lock = ROOT / "requirements" / "compose.txt"
    mark = folder / "installed"
    if not (mark.exists() and mark.read_text() == lock.read_text()):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
        subprocess.run([folder / "bin" / "python", *install], check=True)
        mark.write_text(lock.read_text())
    return str(found)


def cluster_settings() -> str:
    """The lines of .env.example that make three brokers."""
    names = "COMPOSE_PROFILES|KAFKA_BOOTSTRAP_SERVERS|KAFKA_CONTROLLER_QUORUM_VOTERS|KAFKA_COPIES|KAFKA_IN_SYNC"
    lines = re.findall(rf"^#((?:{names})=.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(lines) == 5
    return "\n".join(lines)


class Compose:
    """One system. `settings` are lines of its .env. Without `provider`, whose tokens it takes then, it is a trial."""

    def __init__(self, folder: Path, settings: str = "", provider: Signer | None = None) -> None:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", 0))
            self.port, self.tls_port = first.getsockname()[1], second.getsockname()[1]
        self.folder = folder
        self.provider = provider
        self.project = f"jb-{os.getpid()}-{self.port}"
        own = {
            "HTTP_PORT": self.port,
            "HTTPS_PORT": self.tls_port,
            "IMAGES": IMAGES,
            "TAG": TAG,
            # Business time is the story's.
            "TICK_EVERY": "0",
            # The receiver of the story's webhooks is named by a loopback address; nothing is ever sent to it.
            "ALLOW_PRIVATE_WEBHOOKS": "true",
        }
        if provider:
            own |= {"ENVIRONMENT": "production", "SECRETS": self.provide(provider)}
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in own.items()) + settings)
        self._command = [binary(), "-p", self.project, "--env-file", str(folder / ".env")]

    def provide(self, provider: Signer) -> Path:
        """What an office provides: the folder of `make secrets`, with its provider's key beside that of sessions."""
        folder = self.folder / "secrets"
        secrets.write(folder)
        keys = json.loads((folder / "jwks.production.json").read_text())["keys"]
        (folder / "jwks.production.json").write_text(json.dumps({"keys": [*keys, provider.jwk]}))
        return folder

    def tokens(self) -> Callable[[Role, str], str]:
        """How its callers get their tokens: from the provider, or signed with the key that the trial made."""
        if self.provider:
            sign, until = self.provider.token, int(time.time()) + 3500
            return lambda role, wilayah: sign(sub=role, role=role, wilayah=wilayah or "nasional", exp=until)
        keys = self.folder / "keys"
        keys.mkdir(exist_ok=True)
        signing_key = self.run(
            "run", "--rm", "-T", "--entrypoint", "cat", "ops", f"/run/secrets/{secrets.SIGNING_KEY}"
        )
        (keys / secrets.SIGNING_KEY).write_text(signing_key)
        issuer = Issuer(keys, production=False)
        issuer.load()
        return issuer.token

    def secrets_in(self, service: str) -> set[str]:
        """The names of the secrets that a container sees."""
        return set(self.run("exec", "-T", service, "ls", "/run/secrets").split())

    def refused(self, *arguments: str) -> str:
        """What a command says that must fail."""
        done = self._run(arguments, 120)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def url(self, service: str) -> str:
        """Where a service answers, through the one origin."""
        return f"http://127.0.0.1:{self.port}/api/{service}"

    def run(self, *arguments: str, timeout: float = 300) -> str:
        """A compose command; its output. Raises AssertionError with what it said when it fails."""
        done = self._run(arguments, timeout)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def _run(self, arguments: tuple[str, ...], timeout: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def container(self, service: str, index: int = 1) -> str:
        """A container's name."""
        return f"{self.project}-{service}-{index}"

    def kill_main_process(self, service: str, index: int = 1) -> int:
        """kill -9 of its first process, as the machine itself would; returns that pid."""
        pid = int(self.inspect(service, "{{.State.Pid}}", index))
        os.kill(pid, signal.SIGKILL)
        return pid

    def inspect(self, service: str, what: str, index: int = 1) -> str:
        """What the engine knows of a container."""
        return docker("inspect", "-f", what, self.container(service, index)).strip()

    def published(self) -> list[str]:
        """What others than the containers can reach."""
        ours = f"label=com.docker.compose.project={self.project}"
        lines = docker("ps", "--filter", ours, "--format", "{{.Ports}}").replace(",", "\n").splitlines()
        return sorted(line.strip() for line in lines if "->" in line)

    def python_in(self, service: str, file: Path, *arguments: str) -> Any:
        """Run a program in a service's container, with what that service has; its JSON."""
        return json.loads(self.run("exec", "-T", service, "python", "-c", file.read_text(), *arguments))

    @contextmanager
    def operator(self, file: Path) -> Iterator["Operator"]:
        """A program in the operator's container, to be asked line by line."""
        program = ["run", "--rm", "-T", "--entrypoint", "python", "ops", "-c", file.read_text()]
        running = subprocess.Popen(
            [*self._command, *program],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "operator.log").open("w"),
            text=True,
        )
        try:
            yield Operator(running, self.folder / "operator.log")
        finally:
            running.communicate(timeout=30)

    def down(self) -> None:
        """Remove everything but the images."""
        self._run(("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "5"), 120)

    def logs(self) -> str:
        """What the services warned of, each thing once, and the last words of what they stand on."""
        theirs = [name for name in self._run(("ps", "--services"), 60).stdout.split() if name not in SERVICES]
        last = self._run(("logs", "--no-color", "--tail", "5", *theirs), 60).stdout
        said = self._run(("logs", "--no-color", *SERVICES), 60).stdout.splitlines()
        warned = {_what(line): line for line in said if '"level":"info"' not in line}
        return "\n".join([*list(warned.values())[-80:], last])


def _what(line: str) -> str:
    """The service and what it says, without when."""
    return re.sub(r'"timestamp":"[^"]*"', "", line)


class Operator:
    """Answers questions from inside the network."""

    def __init__(self, running: "subprocess.Popen[str]", log: Path) -> None:
        self._running, self._log = running, log

    def ask(self, question: str) -> Any:
        """Raises AssertionError with its last words when it dies instead."""
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(question + "\n")
        self._running.stdin.flush()
        answer = self._running.stdout.readline()
        assert answer, f"{question}: {self._log.read_text()[-3000:]}"
        return json.loads(answer)


def docker(*arguments: str) -> str:
    """A command of the engine's own; its output."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


def environment() -> dict[str, str]:
    """What the engine is found by, and nothing that would change the file's variables. It may know no BuildKit."""
    kept = {"PATH", "HOME", "DOCKER_HOST", "SSL_CERT_FILE"} & os.environ.keys()
    return {"DOCKER_BUILDKIT": "0", **{name: os.environ[name] for name in kept}}


def remove_images() -> None:
    """Those that these tests built."""
    if found := docker("images", "-q", "--filter", f"reference={IMAGES}-*:{TAG}").split():
        docker("rmi", "--force", *set(found))
