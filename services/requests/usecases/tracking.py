"""A family asks after a case, by its code and the last four digits of the phone that the letter names.

The phone is opened and compared in here, and goes nowhere: that is no reading by a person, and not in the audit.
"""

from datetime import date
from hmac import compare_digest
from uuid import UUID

from services.requests.domain.people import Person, Reason, Sex
from services.requests.domain.tracking.codes import new_code
from services.requests.domain.tracking.tracking_status import CaseProgress
from services.requests.encryption import Vault
from services.requests.store.tracking import cases as store
from shared.database.connection import Connection

DIGITS = 4
BATCH = 500
"""Cases given a code at a tick."""
_NO_DIGITS = "-" * DIGITS
_NOBODY = Person("Tanpa Nama", date(1970, 1, 1), Sex.FEMALE, Reason.OTHER, "Tanpa alamat", None, None)


async def look(conn: Connection, vault: Vault, code: str, digits: str) -> CaseProgress | None:
    """How far the case of a code has come, if these are the digits of its phone.

    None for an unknown code, other digits, no phone, and an erased person alike, after the same work: how long the
    answer takes does not tell which codes there are.
    """
    found = await store.by_code(conn, code)
    if found is None:
        await _open_nobody(conn, vault)
        known = _NO_DIGITS
    else:
        person = await vault.open(conn, found.case_id, found.key_id, found.sealed)
        known = (person.phone or _NO_DIGITS)[-DIGITS:]
    return await store.progress(conn, found) if compare_digest(known, digits) and found else None


async def number(conn: Connection) -> None:
    """Give codes to cases of older versions, a batch at a time."""
    case_ids = await store.untracked(conn, BATCH)
    if case_ids:
        await store.give(conn, case_ids, [new_code() for _ in case_ids])


async def _open_nobody(conn: Connection, vault: Vault) -> None:
    keys = await vault.keys(conn)
    keys.open(UUID(int=0), keys.newest, keys.seal(UUID(int=0), _NOBODY))
