"""Platform, databases, topics, keys and the four services, started together and gone together."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Unpack
from urllib.parse import quote, urlsplit, urlunsplit

from ops.backup import Archive, Receiver
from ops.paths import DEFAULT_DATA
from ops.platform import CaddyServer, Platform, PortBook, Server
from ops.platform.keycloak import Keycloak
from ops.platform.platform import Options
from ops.system import login, logins, provision
from ops.system.discovery import RunningSystem, forget_system
from ops.system.gateway import caddyfile, variables
from ops.system.keys import Issuer
from ops.system.services import HOST, SERVICES, ServiceProcess
from shared.security.auth import Role
from shared.settings.kafka import Brokers


class System:
    """Everything on this machine, in one data folder. Nothing of it outlives this process.

    `fresh` begins with an empty folder; `gateway` puts Caddy in front as one origin, and `login` a Keycloak beside
    it, at which persons log in; `settings` are given to every service besides; `archive` streams the WAL of the
    database into an archive; a `fault_environment` is what it stands on.
    """

    def __init__(
        self,
        data: Path = DEFAULT_DATA,
        *,
        gateway: bool = False,
        login: bool = False,
        settings: Mapping[str, str] | None = None,
        archive: Archive | None = None,
        **platform: Unpack[Options],
    ) -> None:
        self.data = data.absolute()
        self.platform = Platform(self.data, postgres_settings=archive.settings if archive else None, **platform)
        self.receiver = Receiver(self.platform.postgres, archive, self.data / "keep") if archive else None
        self.issuer = Issuer(self.data / "keys")
        self.services: dict[str, ServiceProcess] = {}
        self.caddy: CaddyServer | None = None
        self.keycloak: Keycloak | None = None
        self._gateway, self._login, self._console = gateway, login, platform.get("console")
        self._more = dict(settings or {})
        self._passwords: dict[str, str] = {}

    # --- where things are --------------------------------------------------------------------------------------

    @property
    def bootstrap_servers(self) -> str:
        """The brokers."""
        return self.platform.bootstrap_servers

    def url(self, service: str) -> str:
        """Where a service answers, past the gateway."""
        return self.services[service].url

    def dsn(self, service: str) -> str:
        """A service's database, in that service's own role."""
        parts = urlsplit(self.platform.dsn(service))
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{service}:{quote(self._passwords[service])}@{host}"))

    def token(
        self,
        role: Role | frozenset[Role],
        wilayah: str = "",
        subject: str = "",
        ttl: timedelta = timedelta(hours=12),
    ) -> str:
        """A token that these services take."""
        return self.issuer.token(role, wilayah, subject, ttl)

    # --- life --------------------------------------------------------------------------------------------------

    def start(self) -> "System":
        """Start all and wait until each is ready; on failure or Ctrl-C nothing is left running."""
        self.platform.start()
        try:
            if self.receiver is not None:
                self.receiver.start()
            self.issuer.ensure()
            self._passwords = {name: self.issuer.secret(f"{name}.password") for name in SERVICES}
            asyncio.run(
                provision.everything(
                    self.platform.database_url, self._passwords, Brokers(self.platform.bootstrap_servers)
                )
            )
            self._launch()
            self._write_down()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Stop gracefully: the gateway, the services, then what they stand on."""
        forget_system(self.data)
        try:
            front: list[Server] = [*self.services.values()]
            if self.caddy is not None:
                front.append(self.caddy)
            if self.keycloak is not None:
                front.append(self.keycloak)
            with ThreadPoolExecutor(max(1, len(front))) as pool:
                list(pool.map(lambda server: server.stop(), front))
            if self.receiver is not None:
                self.receiver.stop()
        except BaseException:
            self.kill()
            raise
        self.platform.stop()

    def kill(self) -> None:
        """SIGKILL everything."""
        forget_system(self.data)
        for server in self.services.values():
            server.kill()
        if self.caddy is not None:
            self.caddy.kill()
        if self.keycloak is not None:
            self.keycloak.kill()
        if self.receiver is not None:
            self.receiver.kill()
        self.platform.kill()

    def __enter__(self) -> "System":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    process = ServiceProcess
    """What a service is run as; a test runs other versions."""

    def _launch(self) -> None:
        book = PortBook(self.data / "ports.json")
        ports = dict(zip((*SERVICES, "gateway"), book.settle(*SERVICES, "gateway"), strict=True))
        if self._login:
            self._launch_login(f"http://{HOST}:{ports['gateway']}")
        self.services = {
            name: self.process(name, self.data / "services", ports[name], self._settings(name)) for name in SERVICES
        }
        waiting: list[Server] = [*self.services.values()]
        if self._gateway:
            upstreams = {name: f"{HOST}:{ports[name]}" for name in SERVICES}
            self.caddy = CaddyServer(
                self.data / "caddy", caddyfile(), ports["gateway"], variables(ports["gateway"], upstreams)
            )
            waiting.append(self.caddy)
        for server in waiting:
            server.launch()
        for server in (*waiting, *filter(None, [self.keycloak])):
            server.await_ready()

    def _launch_login(self, origin: str) -> None:
        """Keycloak, which the services ask once a person comes: nobody waits for it but whoever starts all this."""
        self.keycloak = Keycloak(self.data / "keycloak", origin, self._console)
        self.keycloak.launch()
        self._more |= login.settings(self.keycloak)

    def _write_down(self) -> None:
        dsns = {name: self.dsn(name) for name in SERVICES}
        RunningSystem(self.bootstrap_servers, dsns, {name: self.url(name) for name in SERVICES}).write(self.data)

    def _settings(self, name: str) -> dict[str, str]:
        settings = {
            "DATABASE_URL": self.dsn(name),
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "ENVIRONMENT": "development",
            "JWKS_FILE": str(self.issuer.jwks_file),
            "SERVICE_KEY_FILE": str(self.issuer.service_key_file(name)),
            # One person plays a whole city here, and benches ask as fast as they can.
            **dict.fromkeys(("RATE_SUBJECT", "RATE_ADDRESS", "RATE_FAILURES"), ""),
            **self._more,
        }
        match name:
            case "requests":
                settings["PERSON_KEY_FILE"] = str(self.issuer.person_key_file)
                settings["SESSION_KEY_FILE"] = str(self.issuer.session_key_file)
                settings["DEVELOPMENT_LOGINS_FILE"] = str(logins.write(self.issuer))
                settings.setdefault("ATTACHMENTS_URL", (self.data / "attachments").as_uri())
            case "notify":
                # The receivers of a development system are on this machine.
                settings["ALLOW_PRIVATE_WEBHOOKS"] = "true"
        return settings
