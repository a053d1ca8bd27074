"""Numbered SQL migrations. Each file is applied once, in the order of the numbers."""

import hashlib
from pathlib import Path

from shared.database.connection import Session

MESSAGING = Path(__file__).parents[1] / "migrations"


async def migrate(conn: Session, *folders: Path) -> list[str]:
    """Apply the numbered SQL files of each folder that are not applied yet, each in its own transaction.

    An advisory lock lets one process migrate at a time. Returns the names of the applied files. Raises RuntimeError
    when a file has changed after it was applied.
    """
    await conn.execute("select pg_advisory_lock(hashtext('migrate'))")
    try:
        await conn.execute(
            "create table if not exists migration (name text primary key, digest text not null,"
            " applied_at timestamptz not null default now())"
        )
        digests = {r["name"]: r["digest"] for r in await conn.fetch("select name, digest from migration")}
        applied = []
        for file in (file for folder in folders for file in sorted(folder.glob("[0-9]*.sql"))):
            name, sql = f"{file.parent.parent.name}/{file.stem}", file.read_text()
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if name not in digests:
                async with conn.transaction():
                    await conn.execute(sql)
                    await conn.execute("insert into migration (name, digest) values ($1, $2)", name, digest)
                applied.append(name)
            elif digests[name] != digest:
                raise RuntimeError(f"{name} was applied and has changed since: add a new migration instead")
        return applied
    finally:
        await conn.execute("select pg_advisory_unlock(hashtext('migrate'))")
