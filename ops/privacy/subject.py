"""Finds whom a command is about: the cases of a NIK that is read from standard input, or one case."""

from uuid import UUID

from ops.platform import PlatformError
from ops.privacy.connections import from_standard_input
from services.requests.domain.numbers import clean_nik
from services.requests.encryption import Vault
from services.requests.store import erasures, people
from shared.database.connection import Connection
from shared.system_clock import utc_now


async def cases(conn: Connection, vault: Vault, subject: str | None, case: UUID | None) -> list[UUID]:
    """The cases, open and closed. Raises PlatformError when nobody is named or found, Invalid for no NIK."""
    if (subject is None) == (case is None):
        raise PlatformError("nobody is named", "--subject - and the NIK on standard input, or --case ID")
    if case is not None:
        if await people.find(conn, case) is None and await erasures.of_case(conn, case) is None:
            raise PlatformError(f"there is no case {case}", "see the id")
        return [case]
    if subject != "-":
        raise PlatformError("a NIK is no argument: others would read it in the process list", "--subject -")
    nik = clean_nik(from_standard_input("NIK: "), utc_now().date(), "subject")
    found = await people.cases_of(conn, (await vault.look(conn)).niks(nik))
    if not found:
        raise PlatformError("no person with this NIK is kept", "ask by --case ID for what was erased already")
    return found
