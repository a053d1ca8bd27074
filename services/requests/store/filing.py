"""A filing in one statement, whether it is one letter or many.

A person whose NIK has an open case is left out, never looked for before: the caller counts, and the transaction
ends without effect. In the order of the index, or two letters with the same residents in another order would wait
for each other. Under keys of another generation than the one in force nothing is written at all: a rotation waits
for the transactions that saw the one before, and then knows that nobody writes under its keys any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.requests.domain.filing import Filing, NewCase
from services.requests.domain.letter_numbers import Used, spellings
from services.requests.domain.people import Contact
from services.requests.domain.tracking.codes import shown
from services.requests.encryption import DataKeys as Keys
from services.requests.encryption import Vault
from services.requests.encryption import array_text as array
from shared.connection import Connection
from shared.statement import Part, statement

_CLAUSES = """
sealing as (
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
)"""
_STORED = """
select exists (select from sealing) as in_force, array(select case_id from sealed) as case_ids,
    array(
        select alike.case_id::text || ' ' || coalesce(c.tracking, '') from alike join case_file c on c.id = other
    ) as twins,
    (select letter_date from used limit 1) as used_on,
    (select c.tracking from used join case_file c on c.request_id = other order by c.place limit 1) as used_by
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a filing. With a case in `taken` the caller must raise: its NIK has an open case."""

    taken: frozenset[UUID]
    twins: dict[UUID, tuple[str, ...]]
    """Cases whose resident looks like that of open cases before: name, birth date and kelurahan; by their codes."""
    used: Used | None = None
    """A request before with the same letter number, where one letter was written."""


async def insert(conn: Connection, vault: Vault, *filed: tuple[str, Filing], places: int = 0) -> Stored:
    """Write filings, each with who files it; `places` is how many cases the letter that they join has already."""
    keys = await vault.keys(conn)
    while (stored := await _insert(conn, keys, filed, places)) is None:
        keys = await vault.look(conn)
    return stored


async def _insert(conn: Connection, keys: Keys, filed: Sequence[tuple[str, Filing]], places: int) -> Stored | None:
    """None when these keys are not in force: then nothing was written."""
    text, values = statement(part(keys, filed, places), then=_STORED)
    row = await conn.fetchrow(text, *values)
    assert row is not None
    if not row["in_force"]:
        return None
    twins: dict[UUID, tuple[str, ...]] = {}
    for found in row["twins"]:
        case_id, _, code = found.partition(" ")
        twins[UUID(case_id)] = (*twins.get(UUID(case_id), ()), shown(code) if code else "")
    cases = frozenset(case.id for _, filing in filed for case in filing.cases)
    used = Used(row["used_on"], row["used_by"]) if row["used_on"] else None
    return Stored(cases - frozenset(row["case_ids"]), twins, used)


def part(keys: Keys, filed: Sequence[tuple[str, Filing]], places: int = 0) -> Part:
    """The clauses that write filings. `sealing` is empty, and nothing written, unless these keys are in force;
    `sealed` has the cases that were new, `alike` those whose residents look like that of another open case, `used`
    the letters whose number their kelurahan has used before."""
    filings = [filing for _, filing in filed]
    cases = [(filing, case) for filing in filings for case in filing.cases]
    contacts = [each for each in filings if not each.joins and each.letter.contact != Contact()]
    indexes = [keys.nik_indexes(case.person.nik) for _, case in cases]
    values = (
        keys.generation,
        _json([_letter(filing, filed_by) for filed_by, filing in filed if not filing.joins]),
        _json([_case(filing, case, places + n) for filing in filings for n, case in enumerate(filing.cases)]),
        keys.newest,
        [filing.id for filing in contacts],
        [keys.seal_contact(filing.id, filing.letter.contact) for filing in contacts],
        keys.newest_index,
        [case.id for _, case in cases],
        [keys.seal(case.id, case.person) for _, case in cases],
        [index.a for index in indexes],
        [index.b for index in indexes],
        [keys.day_index(case.hold_until) for _, case in cases],
        [keys.twin_index(case.person, filing.letter.kelurahan) for filing, case in cases],
        [array(keys.words_index(case.person, filing.office)) for filing, case in cases],
    )
    return Part(_CLAUSES, values)


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
