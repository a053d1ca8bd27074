"""`python -m ops privacy`: keys, and what a resident may ask for (UU 27/2022)."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from ops.platform import PlatformError
from ops.privacy import connections
from ops.privacy import export as exporting
from ops.privacy import subject as subjects
from services.requests import encryption, privacy
from services.requests.encryption import add_master_key
from services.requests.maintenance import ErasureResult, erase_person
from services.requests.privacy import ErasureGround
from services.requests.store import attachments, erasures, people, reading
from services.requests.store.erasures import Erasure
from shared.database.connection import Connection
from shared.system_clock import utc_now

app = App(name="privacy", help="Kunci, dan hak warga atas datanya.", result_action="return_value")
console = Console()

Keys = Annotated[Path | None, Parameter(help="the keyring; else PERSON_KEY_FILE, else this clone's own")]
Subject = Annotated[str | None, Parameter(help="`-`: the NIK is read from standard input")]
Case = Annotated[UUID | None, Parameter(help="a case instead of a NIK")]


@app.command
async def rotate(*, index: bool = False, keys: Keys = None) -> None:
    """A new data key for every person, while the service runs; with --index a new key for the blind indexes."""
    async with connections.requests_database() as db:
        rotate_key = encryption.rotate_index_key if index else encryption.rotate_data_key
        done = await rotate_key(db, connections.vault(keys))
    gone = ", ".join(map(str, done.destroyed)) or "-"
    console.print(f"kunci {done.key_id} dipakai; {done.moved} data dipindah; kunci dimusnahkan: {gone}")


@app.command
async def new_master(name: str, *, keys: Keys = None) -> None:
    """Append a master key of this id to the keyring, and wrap the data keys under it. The old line may go after."""
    file = connections.keyring_file(keys)
    try:
        add_master_key(file, name)
    except ValueError as error:
        raise PlatformError(str(error), "pilih id lain") from error
    await rewrap(keys=keys)


@app.command
async def rewrap(*, keys: Keys = None) -> None:
    """Wrap the data keys under the keyring's last master key."""
    async with connections.requests_database() as db:
        count = await encryption.rewrap_data_keys(db, connections.vault(keys))
    console.print(f"{count} kunci data dibungkus ulang")


@app.command(name="keys")
async def list_keys() -> None:
    """The data keys, and by which master key each is wrapped."""
    async with connections.requests_database() as db, db.connection() as conn:
        _, living = await encryption.living_keys(conn)
    table = Table("kunci", "untuk", "keadaan", "dibungkus oleh")
    for key in living:
        table.add_row(str(key.id), key.purpose, key.state, key.master or "(diturunkan dari baris tanpa nama)")
    console.print(table)


@app.command
async def export(*, subject: Subject = None, case: Case = None, out: Path | None = None, keys: Keys = None) -> None:
    """All that is held about a person, as JSON in a new file that only its owner may read."""
    async with connections.requests_database() as db:
        vault = connections.vault(keys)
        async with db.connection() as conn:
            case_ids = await subjects.cases(conn, vault, subject, case)
        file = out or Path(f"data-warga-{case_ids[0]}.json")
        if file.exists():
            raise PlatformError(f"{file} sudah ada", "pilih berkas lain: --out BERKAS")
        exporting.write(await exporting.export(db, vault, connections.file_store(), case_ids), file)
    console.print(f"tertulis: {file}", highlight=False)


@app.command
async def erase(
    *, subject: Subject = None, case: Case = None, force: bool = False, yes: bool = False, keys: Keys = None
) -> None:
    """Destroy a person for good. Without --yes it only says what would go; --force withdraws an open case first."""
    async with connections.requests_database() as db:
        vault = connections.vault(keys)
        async with db.connection() as conn:
            case_ids = await subjects.cases(conn, vault, subject, case)
            for case_id in case_ids:
                await _announce(conn, case_id)
        if not yes:
            console.print("Belum ada yang dihapus. Ulangi dengan --yes.")
            return
        at, who = utc_now() if force else None, connections.operator()
        async with db.transaction() as conn:
            done = [await erase_person(conn, who, each, ErasureGround.RESIDENT, withdraw_at=at) for each in case_ids]
        for erased in done:
            console.print(f"{erased.case_id}: {_said(erased)}")


def _said(erased: ErasureResult) -> str:
    if erased.held:
        return (
            "belum dimusnahkan: berkasnya ditutup, tetapi kartunya mungkin sudah dicetak; ulangi setelah dispatch"
            " menjawab dan kartunya diserahkan atau dimusnahkan"
        )
    return "dimusnahkan" if erased.destroyed else "sudah tidak ada"


@app.command(name="erasures")
async def list_erasures() -> None:
    """Every erasure as a line of JSON, to be kept beside the backups."""
    async with connections.requests_database() as db, db.connection() as conn:
        for erasure in await erasures.all_of(conn):
            sys.stdout.write(json.dumps(asdict(erasure), default=str) + "\n")


@app.command
async def reapply_erasures(
    file: Annotated[str, Parameter(help="lines of `privacy erasures`; `-`: standard input")],
) -> None:
    """Repeat erasures on a restored database; again it does nothing."""
    text = sys.stdin.read() if file == "-" else await asyncio.to_thread(Path(file).read_text)
    try:
        kept = [Erasure.read(json.loads(line)) for line in text.splitlines() if line.strip()]
    except (ValueError, KeyError) as error:
        raise PlatformError(f"{file} bukan daftar pemusnahan", "tulis dengan `privacy erasures`") from error
    async with connections.requests_database() as db, db.transaction() as conn:
        done = await privacy.reapply_erasures(conn, connections.operator(), kept)
    console.print(f"{done} dari {len(kept)} warga dimusnahkan lagi")


async def _announce(conn: Connection, case_id: UUID) -> None:
    found = await people.find(conn, case_id)
    cases = await reading.cases(conn, found.request_id) if found else []
    stage = next((case.stage for case in cases if case.id == case_id), "tidak dikenal")
    there = await people.read(conn, case_id) is not None
    papers = len(await attachments.of_case(conn, case_id))
    what = "nama, NIK, tanggal lahir, alamat, telepon, alasan" if there else "sudah tidak ada data pribadi"
    what += f"; {papers} lampiran" if papers else ""
    console.print(f"{case_id} ({stage}): {what}", highlight=False)
