"""Stores a filing in one statement: the letter, its contact, its cases, and the encrypted persons.

- A person whose NIK has an open case is not stored, and not looked for before: the unique index decides. The caller
  finds the case in `Stored.duplicates` and must raise, so that the transaction has no effect.
- Persons are stored in the order of that index. Otherwise two letters with the same residents in another order could
  deadlock.
- Nothing is stored under keys of a generation that is no longer in force: the statement reads the generation, and a
  rotation waits for all transactions that read the one before.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.requests.domain.filing import Filing, NewCase
from services.requests.domain.letter_numbers import Used, spellings
from services.requests.domain.people import Contact
from services.requests.domain.tracking.codes import shown
from services.requests.encryption import DataKeys, Vault, array_text
from shared.database.connection import Connection

_INSERT = """
with sealing as (
    select from sealing where generation = $1
), letter as (
    insert into request (id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at, accepted_at,
        due_at, filed_by, consent, place, place_name, headcount, preferred_days, on_holidays, usual_service)
    select id, office, kelurahan, kind, number, date, stage, at, case when stage = 'accepted' then at end, due_at,
        filed_by, consent, place, place_name, headcount, preferred_days, on_holidays, usual_service
    from sealing, jsonb_to_recordset($2) as t(id uuid, office text, kelurahan text, kind text, number text,
        date date, stage text, at timestamptz, due_at timestamptz, filed_by text, consent text, place text,
        place_name text, headcount int, preferred_days int[], on_holidays boolean,
        usual_service text)
), resident as (
    insert into case_file (id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency,
        print_on_hold, letter_stage, tracking, told, accepted_at, added_at, documents, missing, family_card, due_at,
        line)
    select id, request_id, place, office, kelurahan, service, minutes, team_size, skills, urgency, on_hold, stage,
        tracking, stage = 'accepted', case when stage = 'accepted' then at end, case when joins then at end,
        documents, missing, family_card, due_at, line
    from sealing, jsonb_to_recordset($3) as t(id uuid, request_id uuid, place int, office text, kelurahan text,
        service text, minutes int, team_size int, skills text[], urgency text, on_hold boolean, stage text,
        tracking text, at timestamptz, joins boolean, documents text[], missing text[], family_card boolean,
        due_at timestamptz, line int)
), whom as (
    insert into contact (request_id, key_id, sealed)
    select id, $4, contact from sealing, unnest($5::uuid[], $6::bytea[]) as t(id, contact)
), sealed as (
    insert into person (case_id, sealed, nik_index, nik_index_b, turns17_index, twin_index, words, key_id, index_key)
    select case_id, sealed, nik_index, nik_index_b, turns17_index, twin_index, words::int[], $4, $7
    from sealing, unnest($8::uuid[], $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[],
        $14::text[]) as t(case_id, sealed, nik_index, nik_index_b, turns17_index, twin_index, words)
    order by nik_index, nik_index_b
    on conflict do nothing
    returning case_id
), alike as (
    select t.case_id, p.case_id as other
    from unnest($8::uuid[], $13::bytea[]) as t(case_id, twin)
    cross join lateral (select case_id from person where twin_index = t.twin and open limit 5) p
), used as (
    select t.id, u.id as other, u.letter_date
    from jsonb_to_recordset($2) as t(id uuid, kelurahan text, numbers text[], date date)
    cross join lateral (
        select id, letter_date from request r
        where r.kelurahan = t.kelurahan and r.letter_number = any(t.numbers) and r.stage in ('filed', 'accepted')
            and date_part('year', r.letter_date) = date_part('year', t.date)
        order by id limit 1
    ) u
)
select exists (select from sealing) as in_force, array(select case_id from sealed) as case_ids,
    array(
        select alike.case_id::text || ' ' || coalesce(c.tracking, '') from alike join case_file c on c.id = other
    ) as similar,
    (select letter_date from used limit 1) as used_on,
    (select c.tracking from used join case_file c on c.request_id = other order by c.place limit 1) as used_by
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of storing a filing."""

    duplicates: frozenset[UUID]
    """Cases that were not stored, because another open case has their NIK: the caller must raise."""
    similar: dict[UUID, tuple[str, ...]]
    """By case, the tracking codes of earlier open cases with the same name, birth date and kelurahan."""
    used: Used | None = None
    """An earlier request with the same letter number."""


async def lock_kelurahan(conn: Connection, kelurahan: str) -> None:
    """Wait for other filings of this kelurahan, until the transaction ends.

    Then `insert` sees their letter numbers and residents: of two equal letters at the same time, one gets a warning.
    """
    # A statement of its own: `insert` would not see what is committed while it waits.
    await conn.execute("select pg_advisory_xact_lock(hashtext('filing'), hashtext($1))", kelurahan)


async def insert(conn: Connection, vault: Vault, filed_by: str, filing: Filing, *, places: int = 0) -> Stored:
    """Store a filing; `places` is how many cases the letter that it joins has already."""
    keys = await vault.keys(conn)
    while (stored := await _insert(conn, keys, filed_by, filing, places)) is None:
        keys = await vault.look(conn)
    return stored


async def _insert(conn: Connection, keys: DataKeys, filed_by: str, filing: Filing, places: int) -> Stored | None:
    """None when these keys are not in force: then nothing was stored."""
    row = await conn.fetchrow(_INSERT, *_values(keys, filed_by, filing, places))
    assert row is not None
    if not row["in_force"]:
        return None
    similar: dict[UUID, tuple[str, ...]] = {}
    for found in row["similar"]:
        case_id, _, code = found.partition(" ")
        similar[UUID(case_id)] = (*similar.get(UUID(case_id), ()), shown(code) if code else "")
    used = Used(row["used_on"], row["used_by"]) if row["used_on"] else None
    return Stored(frozenset(case.id for case in filing.cases) - frozenset(row["case_ids"]), similar, used)


def _values(keys: DataKeys, filed_by: str, filing: Filing, places: int) -> tuple[object, ...]:
    """The values of `_INSERT`, $1 and so on."""
    cases, letter = filing.cases, filing.letter
    with_contact = not filing.joins and letter.contact != Contact()
    indexes = [keys.nik_indexes(case.person.nik) for case in cases]
    return (
        keys.generation,
        _json([] if filing.joins else [_letter(filing, filed_by)]),
        _json([_case(filing, case, place) for place, case in enumerate(cases, places)]),
        keys.newest,
        [filing.id] if with_contact else [],
        [keys.seal_contact(filing.id, letter.contact)] if with_contact else [],
        keys.newest_index,
        [case.id for case in cases],
        [keys.seal(case.id, case.person) for case in cases],
        [index.a for index in indexes],
        [index.b for index in indexes],
        [keys.day_index(case.hold_until) for case in cases],
        [keys.twin_index(case.person, letter.kelurahan) for case in cases],
        [array_text(keys.words_index(case.person, filing.office)) for case in cases],
    )


def _json(rows: list[dict[str, Any]]) -> str:
    return to_json(rows).decode()


def _letter(filing: Filing, filed_by: str) -> dict[str, Any]:
    letter, drive = filing.letter, filing.letter.drive
    return {
        "id": filing.id,
        "office": filing.office,
        "kelurahan": letter.kelurahan,
        "kind": letter.kind,
        "number": letter.number,
        "numbers": spellings(letter.number),
        "date": letter.date,
        "stage": filing.stage,
        "at": filing.at,
        "due_at": filing.due_at,
        "filed_by": filed_by,
        "consent": letter.consent,
        "place": drive.place if drive else None,
        "place_name": drive.name if drive else None,
        "headcount": drive.headcount if drive else None,
        "preferred_days": drive.preferred_days if drive else [],
        "on_holidays": drive.on_holidays if drive else False,
        "usual_service": drive.usual_service if drive else None,
    }


def _case(filing: Filing, case: NewCase, place: int) -> dict[str, Any]:
    return {
        "id": case.id,
        "request_id": filing.id,
        "place": place,
        "office": filing.office,
        "kelurahan": filing.letter.kelurahan,
        "service": case.service,
        "minutes": case.effort.minutes,
        "team_size": case.effort.team_size,
        "skills": case.effort.skills,
        "urgency": case.effort.urgency,
        "on_hold": case.print_on_hold,
        "stage": case.stage,
        "tracking": case.tracking,
        "at": filing.at,
        "joins": filing.joins is not None,
        "documents": case.documents,
        "missing": case.missing,
        "family_card": case.family_card,
        "due_at": filing.case_due_at(case.state),
        "line": case.line,
    }
