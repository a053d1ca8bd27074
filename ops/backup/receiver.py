"""The process that streams a server's WAL into its archive."""

from pathlib import Path

from ops.backup import scripts
from ops.backup.archive import APPLICATION, Archive
from ops.platform import PlatformError
from ops.platform.postgres.server import PostgresServer
from ops.platform.process.server import Server

_STREAMS = "select count(*) from pg_stat_replication where application_name = '{}' and state = 'streaming'"


class Receiver(Server):
    """receive.sh beside an embedded server: survives that server's restarts, and follows it after a restore."""

    start_deadline = 30.0

    def __init__(self, server: PostgresServer, archive: Archive, folder: Path) -> None:
        super().__init__("receiver", folder)
        self._server, self._archive = server, archive

    def command(self) -> list[str]:
        """The script and the archive."""
        return ["bash", str(scripts.FOLDER / "receive.sh"), str(self._archive.folder.absolute())]

    def environment(self) -> dict[str, str]:
        """Where the server is."""
        return scripts.environment(self._server.tool("postgres").parent, self._server.dsn())

    def probe(self) -> bool:
        """Whether the server streams to it."""
        try:
            return self._server.psql(_STREAMS.format(APPLICATION)) == "1"
        except PlatformError:
            return False
