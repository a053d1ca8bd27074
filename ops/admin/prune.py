"""`prune`: deletes now what was kept for long enough, instead of at the service's own time of day."""

import asyncio

from rich.console import Console

from ops.admin import connections
from ops.admin.output import print_json, print_line, table
from ops.command_line import Flag, Json, Who
from ops.system.services import SERVICES
from shared.database.connection import Session
from shared.database.pool import Database
from shared.database.pruning import PRUNE_RULES, due, prune_by_rule
from shared.messaging import dead_letter_actions

console = Console()


def prune(dry_run: Flag = False, as_json: Json = False, who: Who = "") -> int:
    """Delete now what the policy says was kept for long enough; the services do it daily by themselves.

    --dry-run only counts.
    """
    by = connections.operator(who)
    where = connections.running_system()

    async def count(service: str, conn: Session) -> dict[str, int]:
        return await due(conn)

    async def delete(service: str, conn: Session) -> dict[str, int]:
        db = await Database.connect(where.dsn(service), size=1, name="ops")
        try:
            gone = await prune_by_rule(db)
        finally:
            await db.close()
        what = ", ".join(f"{n} {name}" for name, n in gone.items() if n)
        await dead_letter_actions.record_action(conn, by, "prune", what or "nothing was due")
        return gone

    found, away = asyncio.run(connections.query_each(where, count if dry_run else delete))
    if as_json:
        print_json(console, found)
    else:
        _show(found, dry_run)
    for error in away:
        print_line(Console(stderr=True), f"{error.problem}\n  → {error.remedy}", "bold red")
    return 1 if away else 0


def _show(found: dict[str, dict[str, int]], dry_run: bool) -> None:
    shown = table("Tabel", ">Disimpan", *(f">{name}" for name in SERVICES if name in found))
    for rule in PRUNE_RULES:
        shown.add_row(rule.table, f"{rule.keep.days} hari", *(str(each[rule.name]) for each in found.values()))
    print_line(console, "Baris yang akan dihapus (belum dihapus):" if dry_run else "Baris yang dihapus:", "bold")
    console.print(shown)
    for rule in PRUNE_RULES:
        print_line(console, f"{rule.table}: {rule.why}", "dim")
