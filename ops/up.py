"""The system for a person: one origin, tokens to try it with, ticks by the wall clock."""

import threading
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from ops.backup import Archive
from ops.command_line import Flag
from ops.platform.keycloak import Keycloak
from ops.system import SERVICES, System
from shared.security.auth import Role
from shared.system_clock import utc_now

OFFICE, PROVINCE, KELURAHAN = "17.02", "17", "17.02.06.1004"
WILAYAH = {
    Role.OPERATOR: KELURAHAN,
    Role.DISPATCHER: OFFICE,
    Role.OFFICER: OFFICE,
    Role.PRINT_OPERATOR: OFFICE,
    Role.STOREKEEPER: OFFICE,
    Role.PROVINCIAL: PROVINCE,
    Role.OPS: "",
}


def up(
    console: Console, archive: Archive | None = None, login: bool = False, on_start: Callable[[], None] = lambda: None
) -> None:
    """Run everything until Ctrl-C, by the wall clock; `on_start` is called once it runs.

    With an archive, each start takes a base backup. With a login persons come in by a Keycloak, and no token of the
    development issuer counts.
    """
    with System(gateway=True, login=login, settings={"TICK_EVERY": "60"}, archive=archive, console=console) as system:
        on_start()
        assert system.caddy is not None
        if archive is not None:
            server = system.platform.postgres
            base = archive.backup(server.dsn(), server.tool("postgres").parent)
            console.print(f"Arsip: {base.folder}", highlight=False, soft_wrap=True)
        if system.keycloak is not None:
            _introduce_login(console, system.keycloak)
        else:
            _introduce(console, system, system.caddy.url)
        threading.Event().wait()


def up_command(archive: Path | None = None, *, synchronous: bool = False, login: Flag = False) -> None:
    """Run the whole system behind one origin, until Ctrl-C; --archive FOLDER keeps the database's WAL there.

    --login fetches a Keycloak (170 MB, once) and lets persons log in there.
    """
    up(Console(), Archive(archive, synchronous) if archive else None, login)


def _introduce(console: Console, system: System, origin: str) -> None:
    console.print(f"[bold green]Jemput Bola berjalan di {origin}[/]   (Ctrl-C menghentikan semuanya)\n")
    for name in SERVICES:
        console.print(f"  {origin}/api/{name}/   [dim]{system.url(name)}/openapi.json[/]")
    console.print(f"\n[bold]Masuk di peramban[/]: buka {origin}/masuk dan pilih kota dan peran")
    console.print("\n[bold]Token untuk mencoba[/] (12 jam; wilayah Rejang Lebong)")
    console.print("[dim]token lain: python -m ops token PERAN --wilayah KODE[/]")
    for role, wilayah in WILAYAH.items():
        token = system.token(role, wilayah)
        console.print(f"  export {role.upper()}={token}", soft_wrap=True, highlight=False)
    at = utc_now().isoformat(timespec="seconds")
    for words, command in _examples(origin, at):
        console.print(f"\n[bold]{words}[/]")
        console.print(command, soft_wrap=True, highlight=False, markup=False)
    console.print()


def _introduce_login(console: Console, keycloak: Keycloak) -> None:
    console.print(f"[bold green]Jemput Bola berjalan di {keycloak.origin}[/]   (Ctrl-C menghentikan semuanya)\n")
    console.print(f"[bold]Masuk di peramban[/]: buka {keycloak.origin}/masuk dengan salah satu akun ini; sandinya")
    console.print(f"  {keycloak.secrets['PETUGAS_PASSWORD']}", highlight=False, markup=False)
    for name, roles in keycloak.accounts():
        console.print(f"  {name:20} [dim]{', '.join(roles)}[/]", highlight=False)
    console.print(f"\n[bold]Keycloak[/]: {keycloak.url}/admin, akun admin, sandinya")
    console.print(f"  {keycloak.admin_password}\n", highlight=False, markup=False)


def _examples(origin: str, at: str) -> list[tuple[str, str]]:
    def post(role: Role, path: str, body: str) -> str:
        return (
            f'curl -s {origin}/api/{path} -H "Authorization: Bearer ${role.upper()}"'
            f" -H 'Content-Type: application/json' -d '{body}'"
        )

    resident = (
        '{"name":"Siti Sintetis","birth_date":"1950-01-31","sex":"P","address":"Jalan Sintetis No. 1",'
        '"service":"first","reason":"lansia","needs":[]}'
    )
    letter = (
        f'{{"at":"{at}","kelurahan":"{KELURAHAN}","kind":"home_visit",'
        f'"letter":{{"number":"470/001","date":"{at[:10]}"}},"consent":"warga",'
        f'"documents_complete":true,"residents":[{resident}]}}'
    )
    receipt = f'{{"at":"{at}","place":"{OFFICE}","quantity":500,"document":"BA/001"}}'
    waiting = f'curl -s "{origin}/api/dispatch/waiting?office={OFFICE}" -H "Authorization: Bearer $DISPATCHER"'
    stock = f'curl -s {origin}/api/inventory/offices/{OFFICE}/stock -H "Authorization: Bearer $STOREKEEPER"'
    return [
        ("Ajukan satu permohonan", post(Role.OPERATOR, "requests/requests", letter)),
        ("Terima 500 blanko", post(Role.STOREKEEPER, "inventory/receipts", receipt)),
        ("Siapa yang belum terjadwal, dan mengapa", waiting),
        ("Berapa blanko", stock),
    ]
