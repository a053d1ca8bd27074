"""`python -m ops audit`: who read whom, and whether what is written down still stands."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from ops.privacy import connections
from services.requests import privacy
from services.requests.privacy import RetentionPolicy
from services.requests.store import audit

app = App(name="audit", help="Siapa membuka data siapa, dan utuhkah catatannya.", result_action="return_value")
console = Console()


@app.command
async def verify(
    *,
    head: Annotated[str, Parameter(help="a head that was written down before: NUMBER:DIGEST")] = "",
    retention: Annotated[Path | None, Parameter(help="the office's retention policy, if it has its own")] = None,
) -> int:
    """Walk the chain of digests and say exactly where it is broken. Write the head down outside of the database."""

    async with connections.reading("requests") as conn:
        found = await privacy.verify_audit(conn, RetentionPolicy.load(retention).audit.age, head)
    for problem in found.problems:
        console.print(f"[bold red]{problem}[/]", highlight=False)
    console.print(f"{found.sealed} baris tersegel, {found.waiting} menunggu, {found.pruned} batch sudah dihapus")
    console.print(f"kepala: {found.head or '-'}", highlight=False, soft_wrap=True)
    return 1 if found.problems else 0


@app.command(name="list")
async def list_case(*, case: UUID) -> None:
    """What was done with the person of a case."""

    async with connections.reading("requests") as conn:
        entries = await audit.of_case(conn, case)
    table = Table("baris", "waktu", "siapa", "peran", "wilayah", "tindakan", "tujuan")
    for row in entries:
        at = row.at.isoformat(timespec="seconds")
        table.add_row(str(row.id), at, row.actor, row.role, row.wilayah or "-", row.act, row.purpose or "-")
    console.print(table)
