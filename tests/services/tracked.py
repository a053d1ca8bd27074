"""Cases with a code and a phone, as the family's page finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.requests.domain.people import Person, Reason, Sex
from services.requests.domain.tracking import new_code
from services.requests.vault import Vault
from shared.db import Database
from shared.ids import new_id
from tests.services.requests_desk import KELURAHAN, MORNING

PHONE, DIGITS = "+6281200000412", "0412"
NIK = "1702065708500001"
_LETTER = """
insert into request (id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at, accepted_at)
values ($1, '17.02', $2, 'home_visit', '470/1', $3::timestamptz, $4, $3, case when $4 = 'accepted' then $3 end)
"""
_CASE = """
insert into case_file (id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency,
    print_on_hold, letter_stage, tracking, documents, missing)
select $1, $2, count(*), '17.02', $3, 'first', 15, 2, '{}', 'high', false, $4, $5, $7, $6
from case_file where request_id = $2
"""


@dataclass(frozen=True)
class Case:
    request_id: str
    case_id: str
    code: str


class Place(Protocol):
    """Where cases are: a desk, or a system's database."""

    db: Database
    vault: Vault


async def filed(
    desk: Place,
    phone: str | None = PHONE,
    missing: Sequence[str] = (),
    code: str | None = "",
    beside: Case | None = None,
) -> Case:
    """A case of somebody of this phone, `beside` another in its letter; `code` None is one of an older version."""
    case_id, at = new_id(), datetime.fromisoformat(MORNING)
    request_id = UUID(beside.request_id) if beside else new_id()
    made = new_code() if code == "" else code
    stage = "filed" if missing else "accepted"
    person = Person("Siti Sintetis", date(1950, 8, 17), Sex.FEMALE, Reason.ELDERLY, "Jalan Sintetis 1", NIK, phone)
    async with desk.db.transaction() as conn:
        keys = await desk.vault.look(conn)
        if beside is None:
            await conn.execute(_LETTER, request_id, KELURAHAN, at, stage)
        await conn.execute(_CASE, case_id, request_id, KELURAHAN, stage, made, missing, [] if missing else ["kk"])
        await conn.execute(
            "insert into person (case_id, sealed, key_id) values ($1, $2, $3)",
            *(case_id, keys.seal(case_id, person), keys.newest),
        )
    return Case(str(request_id), str(case_id), made or "")
