"""Keycloak, the login provider that most offices will have, for a trial of the login and its test.

Fetched when somebody asks for it, into the same cache as Kafka's jars, and unpacked and built there once. A run has
its data in a folder of its own; realm and accounts are those of a realm file.
"""

import json
import secrets
import shutil
import subprocess
import tarfile
import tempfile
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from rich.console import Console

from ops.paths import ROOT
from ops.platform.errors import PlatformError
from ops.platform.kafka.java import find_java, java_environment
from ops.platform.kafka.maven import cache_folder, ensure, locked_jars
from ops.platform.process.ports import HOST, PortBook, require_free
from ops.platform.process.server import Server

LOCK = ROOT / "requirements" / "keycloak.lock.toml"
REALM = ROOT / "deploy" / "keycloak" / "realm.json"
PARTS = ("conf", "lib", "providers", "themes")
SECRETS = ("PETUGAS_PASSWORD", "PRR_SECRET", "LAPORAN_SECRET", "PELANGGAN_SECRET")
"""What the realm file leaves open, besides the origin: the password of its persons, the secrets of its programs."""
BUILD_S = 600
OPENED = ("java.util", "java.util.concurrent", "java.security", "java.lang")
"""What its libraries reach into, as its own script has it."""


def installed(console: Console | None = None) -> Path:
    """The folder of the locked Keycloak, built. Raises PlatformError when it cannot be fetched or built."""
    [jar] = locked_jars(LOCK)
    folder = cache_folder(f"keycloak-{jar.version}")
    home = folder / f"home-{jar.sha256[:12]}"
    if home.exists():
        return home
    [archive] = ensure(f"Keycloak {jar.version}", [jar], folder, console)
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=folder) as scratch:
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        [unpacked] = Path(scratch).iterdir()
        _build(unpacked)
        try:
            # The last step is a rename: a half-built one is never found, and the first of two counts.
            unpacked.rename(home)
        except OSError:
            if not home.exists():
                raise
    archive.unlink(missing_ok=True)
    return home


def _build(home: Path) -> None:
    """What Keycloak works out once from its settings, so that a start need not. Raises PlatformError."""
    command = ["sh", str(home / "bin" / "kc.sh"), "build"]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, timeout=BUILD_S, check=False)
    if done.returncode:
        raise PlatformError(f"Keycloak cannot be built: {(done.stdout + done.stderr)[-2000:]}", "see its words")


def _environment() -> dict[str, str]:
    return {**java_environment(), "JAVA": find_java()}


class Keycloak(Server):
    """One Keycloak with the realm of `deploy/keycloak`, for pages at an origin; ready when the realm answers."""

    start_deadline = 600.0
    realm = "jemput-bola"

    def __init__(self, folder: Path, origin: str, console: Console | None = None) -> None:
        super().__init__("keycloak", folder)
        self.origin = origin
        self.admin_password = secrets.token_urlsafe(18)
        self.secrets = {name: secrets.token_urlsafe(18) for name in SECRETS}
        self._home = folder / "home"
        self._console = console
        self._port: int | None = None

    @property
    def url(self) -> str:
        """Where it answers, known from the first start on."""
        if self._port is None:
            raise PlatformError("Keycloak was not started yet", "start it first")
        return f"http://{HOST}:{self._port}"

    @property
    def issuer(self) -> str:
        """The realm, as it names itself."""
        return f"{self.url}/realms/{self.realm}"

    def accounts(self) -> list[tuple[str, list[str]]]:
        """The persons of the realm file: name and roles."""
        told = json.loads(REALM.read_text())
        roles = {role["name"] for role in told["roles"]["realm"]}
        persons = (user for user in told["users"] if "serviceAccountClientId" not in user)
        return [(user["username"], [role for role in user["realmRoles"] if role in roles]) for user in persons]

    def prepare(self) -> None:
        """A home that shares the programs of the cache and has its own data, a port, and the realm to be."""
        there = installed(self._console)
        # Each launch is a new one: the realm is read into an empty database only.
        shutil.rmtree(self._home, ignore_errors=True)
        (self._home / "data" / "import").mkdir(parents=True)
        for part in PARTS:
            (self._home / part).symlink_to(there / part)
        shutil.copy(REALM, self._home / "data" / "import")
        if self._port is None:
            # Kept, so that a second run is the same provider to the sessions of the first.
            [self._port] = PortBook(self.folder / "ports.json").settle("keycloak")
        require_free(self._port, "Keycloak")

    def command(self) -> list[str]:
        """What its script `kc.sh start` runs, over plain HTTP and on loopback alone.

        The script stays as the parent of Java: killed, it would leave Java behind.
        """
        told = {"hostname": self.url, "http-host": HOST, "http-port": self._port, "http-enabled": "true"}
        return [
            find_java(),
            # The first of two compilers is enough for a short life, and is there sooner.
            *("-Xms64m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"),
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
            f"-Dkc.home.dir={self._home}",
            f"-Djboss.server.config.dir={self._home / 'conf'}",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            *("-cp", str(self._home / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"),
            *("start", "--optimized", "--import-realm", *(f"--{name}={value}" for name, value in told.items())),
        ]

    def environment(self) -> dict[str, str]:
        """What the realm file leaves open, and an administrator."""
        admin = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": self.admin_password}
        return {**_environment(), **admin, **self.secrets, "PUBLIC_ORIGIN": self.origin}

    def probe(self) -> bool:
        """Whether the realm is there."""
        connection = HTTPConnection(HOST, self._port, timeout=5)
        try:
            connection.request("GET", f"/realms/{self.realm}")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
