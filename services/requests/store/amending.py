"""What changes of a case, of its person, and of a letter; and which fields were changed, never what to."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.requests.domain.filing import Letter
from services.requests.domain.letters import LockedCase, Request
from services.requests.domain.people import Consent, Contact, Person
from services.requests.encryption import DataKeys, Vault, write_word_index
from services.requests.store.columns import REQUEST
from services.requests.store.reading import drive_of
from shared.contract.fields import RequestKind
from shared.database.columns import qualified
from shared.database.connection import Connection


async def save(
    conn: Connection, vault: Vault, case: LockedCase, person: Person, request: Request, hold_until: date | None
) -> bool:
    """Keep a case and its person; False when the NIK has another open case: then the caller must raise."""
    effort = case.effort
    await conn.execute(
        "update case_file set minutes = $2, team_size = $3, skills = $4, urgency = $5, print_on_hold = $6,"
        " family_card = $7, service = $8, documents = $9, missing = $10 where id = $1",
        *(case.id, effort.minutes, effort.team_size, list(effort.skills), effort.urgency),
        *(case.print_on_hold, case.family_card, case.service, list(case.documents), list(case.missing)),
    )
    try:
        async with conn.transaction():
            keys = await vault.keys(conn)
            while not await _seal(conn, keys, case.id, person, request.kelurahan, hold_until):
                keys = await vault.look(conn)
            # By itself, after: with the sealed person it would be taken for an older version's, and forgotten. If
            # the keys are changed in between, the words stay away, and are filled in later.
            await write_word_index(conn, keys.generation, [(case.id, keys.words_index(person, request.office))])
    except asyncpg.UniqueViolationError:
        return False
    return True


async def _seal(
    conn: Connection, keys: DataKeys, case_id: UUID, person: Person, kelurahan: str, hold_until: date | None
) -> bool:
    """Whether these keys were in force."""
    nik = keys.nik_indexes(person.nik)
    done = await conn.execute(
        "update person set sealed = $2, key_id = $3, nik_index = $4, nik_index_b = $5, turns17_index = $6,"
        " twin_index = $7, index_key = $8, words = null"
        " where case_id = $1 and exists (select from sealing where generation = $9)",
        *(case_id, keys.seal(case_id, person), keys.newest, nik.a, nik.b, keys.day_index(hold_until)),
        *(keys.twin_index(person, kelurahan), keys.newest_index, keys.generation),
    )
    return done == "UPDATE 1"


async def letter(conn: Connection, vault: Vault, request_id: UUID) -> Letter:
    """A letter that is there, with its contact."""
    row = await conn.fetchrow(
        f"select {qualified('r', REQUEST)}, c.key_id, c.sealed from request r"
        " left join contact c on c.request_id = r.id where r.id = $1",
        request_id,
    )
    assert row is not None
    contact = Contact()
    if row["sealed"] is not None:
        contact = await vault.open_contact(conn, request_id, row["key_id"], row["sealed"])
    return Letter(
        row["kelurahan"],
        RequestKind(row["kind"]),
        row["letter_number"],
        row["letter_date"],
        Consent(row["consent"]) if row["consent"] else None,
        contact,
        drive_of(row),
    )


async def save_letter(conn: Connection, vault: Vault, request_id: UUID, after: Letter) -> None:
    """Keep what a letter says now."""
    drive = after.drive
    await conn.execute(
        "update request set letter_number = $2, letter_date = $3, place_name = $4, headcount = $5,"
        " preferred_days = $6, on_holidays = $7, consent = $8, usual_service = $9 where id = $1",
        *(request_id, after.number, after.date, drive.name if drive else None),
        *(drive.headcount if drive else None, list(drive.preferred_days) if drive else []),
        *(drive.on_holidays if drive else False, after.consent, drive.usual_service if drive else None),
    )
    keys = await vault.keys(conn)
    while not await _seal_contact(conn, keys, request_id, after.contact):
        keys = await vault.look(conn)


async def _seal_contact(conn: Connection, keys: DataKeys, request_id: UUID, contact: Contact) -> bool:
    done = await conn.execute(
        "insert into contact (request_id, key_id, sealed) select $1, $2, $3 from sealing where generation = $4"
        " on conflict (request_id) do update set key_id = excluded.key_id, sealed = excluded.sealed",
        *(request_id, keys.newest, keys.seal_contact(request_id, contact), keys.generation),
    )
    return done == "INSERT 0 1"


async def note(
    conn: Connection, request_id: UUID, case_id: UUID | None, fields: Collection[str], at: datetime, by: str
) -> int:
    """Write down which fields were changed; returns the version after it."""
    version: int = await conn.fetchval(
        "insert into amendment (request_id, case_id, fields, at, by) values ($1, $2, $3, $4, $5) returning id",
        *(request_id, case_id, sorted(fields), at, by),
    )
    return version
