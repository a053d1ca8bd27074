"""Backup: a PostgreSQL server's WAL is streamed into an archive beside base backups; a server is restored from both.

The work is done by PostgreSQL's own programs, called by the scripts of deploy/backup: the same ones here, in the
tests, and in the containers. An archive is of one server, and of all databases on it.
"""

from ops.backup.archive import Archive, Base
from ops.backup.receiver import Receiver

__all__ = ["Archive", "Base", "Receiver"]
