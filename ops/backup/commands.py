"""The commands `backup`, `backup list` and `restore`."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit, urlunsplit

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from ops.backup.archive import Archive
from ops.paths import DEFAULT_DATA
from ops.platform.data_folder import FolderLock
from ops.platform.postgres.binaries import Installation
from ops.platform.postgres.server import PostgresServer
from ops.system.discovery import find_system
from shared.system_clock import utc_now

Folder = Annotated[Path, Parameter(env_var="BACKUP_FOLDER", help="the archive; on another disk, or it is none")]

backup = App(name="backup", help="Base backups: one now, or a list of those that are there.")


@backup.default
def _now(folder: Folder, *, bases: int = 7) -> None:
    """Take a base backup of the running server now and verify it; the newest `bases` are kept.

    The server is that of DATABASE_URL (a superuser's address), else the one that `up` runs here. With a server a
    service, do it once for each, into a folder each.
    """
    made = Archive(folder).backup(_superuser(), Installation.find(None).programs, bases=bases)
    Console().print(f"{made.folder}\n  {', '.join(made.databases)}: {made.size / 1e6:.0f} MB", highlight=False)


@backup.command(name="list")
def _list(folder: Folder) -> None:
    """The base backups of an archive, and when WAL last arrived there."""
    archive = Archive(folder)
    table = Table("selesai (UTC)", "silsilah", "MB", "database", title=str(folder), title_justify="left")
    for base in archive.bases():
        lineage = base.folder.parents[1].name
        table.add_row(
            f"{base.completed_at:%Y-%m-%d %H:%M:%S}", lineage, f"{base.size / 1e6:.0f}", " ".join(base.databases)
        )
    console = Console()
    console.print(table)
    newest = archive.newest_wal()
    console.print(f"WAL terakhir tiba {newest:%Y-%m-%d %H:%M:%S} UTC" if newest else "belum ada WAL", highlight=False)


def restore(
    *, folder: Annotated[Path, Parameter(name="--from")], to: datetime | Literal["latest"] = "latest"
) -> None:
    """Give the stopped server of `up` the data of an archive, up to its last commit or to a moment.

    What the server had is moved aside. Start it again with `up`; after anything else than the last commit, see
    docs/backup.md first.
    """
    server, lock = PostgresServer(DEFAULT_DATA / "postgres"), FolderLock(DEFAULT_DATA)
    lock.acquire()
    try:
        aside = server.home / f"data.before-{utc_now():%Y%m%dT%H%M%S}"
        if server.data.exists():
            server.data.rename(aside)
        try:
            base = Archive(folder).restore(server, None if to == "latest" else to)
        except BaseException:
            if aside.exists():
                aside.rename(server.data)
            raise
    finally:
        lock.release()
    Console().print(f"dari {base.folder} sampai {to}: {server.data}", highlight=False, soft_wrap=True)


def _superuser() -> str:
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    parts = urlsplit(find_system(DEFAULT_DATA).dsn("requests"))
    return urlunsplit(parts._replace(netloc=f"postgres@{parts.netloc.rpartition('@')[2]}", path="/postgres"))
