"""The policy's table row by row, each refusal with its source in two languages, and what holds for any input.

The table below was written from the law and the project's facts, not from the policy file.
"""

import re
from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.people import (
    Application,
    Document,
    MaritalStatus,
    Person,
    PhotoReason,
    Reason,
    Sex,
)
from services.requests.domain.rules.checks import Examined, examine
from services.requests.domain.rules.clauses import Age, Check, Paper, Permission
from services.requests.domain.rules.policy import Policies
from shared.contract.fields import RequestKind, ServiceCode, Skill, Stage, Urgency
from shared.reference.offices import Offices
from tests.services.requests.domain.applicants import KELURAHAN, TODAY, applies, nik_of

POLICY = Policies.load().of("17.02")
FIRST, LOST, DAMAGED, PHOTO, CHANGE, MOVE = ServiceCode
REQUIRED = {
    FIRST: {"kk"},
    LOST: {"surat_kehilangan", "kk"},
    DAMAGED: {"ktp_rusak", "kk"},
    PHOTO: {"ktp_lama", "kk"},
    CHANGE: {"ktp_lama", "bukti_perubahan", "kk"},
    MOVE: {"surat_pindah", "kk"},
}
HIJAB = PhotoReason.HIJAB
WED = MaritalStatus.MARRIED
AT_16, AT_17 = date(2010, 11, 24), date(2009, 11, 24)
DAY = timedelta(days=1)

BORN, RECORDED, WHY = "birth_date", "recorded_before", "photo_reason"
UU63, PHOTOS, MOVES, CUSTOM = "UU 24/2013 Ps 63", "Permendagri 74/2015 Ps 13", "Perpres 96/2018", "Kebiasaan kantor"

REFUSED = [
    (applies(born=AT_16 + DAY), BORN, "age.recording", UU63, "umur 16", "age of 16"),
    (applies(born=AT_16 + DAY, status=MaritalStatus.SINGLE), BORN, "age.recording", UU63, "umur 16", "age of 16"),
    (applies(LOST, born=AT_16 + DAY), BORN, "age.recording", UU63, "umur 16", "age of 16"),
    (applies(born=TODAY + DAY), BORN, "age.oldest", CUSTOM, "130", "130"),
    (applies(born=TODAY + DAY, status=WED), BORN, "age.oldest", CUSTOM, "130", "130"),
    (applies(born=date(1895, 11, 24)), BORN, "age.oldest", CUSTOM, "130", "130"),
    (applies(recorded_before=True), RECORDED, "first.recorded", UU63, "sudah pernah direkam", "recorded before"),
    (applies(MOVE, recorded_before=False), RECORDED, "move_in.recorded", MOVES, "perekaman pertama", "first record"),
    (applies(PHOTO), WHY, "photo.reason", PHOTOS, "alasan", "why"),
    (applies(PHOTO, photo_reason=PhotoReason.AESTHETIC), WHY, "photo_reason.estetika", PHOTOS, "selera", "looks"),
    (applies(nik="1702065708500000"), "nik", "nik.serial", "PP 37/2007 Ps 37", "0000", "0000"),
]
TAKEN = [
    applies(born=AT_16),
    applies(born=AT_17),
    applies(born=AT_16 + DAY, status=WED),
    applies(born=date(2012, 1, 1), status=MaritalStatus.WIDOWED),
    applies(born=date(1895, 11, 25)),  # 130 today
    applies(recorded_before=False),
    applies(recorded_before=None),
    applies(MOVE, recorded_before=True),
    applies(MOVE, recorded_before=None),
    applies(LOST, recorded_before=True),
    applies(DAMAGED),
    applies(CHANGE),
    *(applies(PHOTO, photo_reason=why) for why in PhotoReason if why is not PhotoReason.AESTHETIC),
    applies(LOST, photo_reason=PhotoReason.AESTHETIC),  # says nothing where no photo is changed
]


def look(given: Application, day: date = TODAY, kind: RequestKind = RequestKind.HOME_VISIT) -> Examined:
    return examine(POLICY, KELURAHAN, kind, 3, given, day)


@pytest.mark.parametrize(("given_", "field", "code", "source", "id_", "en"), REFUSED)
def test_each_refusal_names_field_rule_and_source_bilingually(
    given_: Application, field: str, code: str, source: str, id_: str, en: str
) -> None:
    [broken] = look(given_).errors
    assert (broken.field, broken.code) == (f"residents.3.{field}", code)
    assert source in broken.source
    assert id_ in broken.rule
    assert en in broken.en


def test_every_rule_of_the_policy_that_can_refuse_has_a_row() -> None:
    """A rule that nothing here breaks would be one that nobody tested."""
    refusing = {name for name, rule in POLICY.rules.items() if isinstance(rule, Check)}
    refusing |= {name for name, rule in POLICY.rules.items() if isinstance(rule, Permission) and not rule.permitted}
    ages = {name for name, rule in POLICY.rules.items() if isinstance(rule, Age)} - {"age.card"}  # a hold, no refusal
    assert refusing | ages == {code for _, _, code, *_ in REFUSED if not code.startswith("nik.")}


@pytest.mark.parametrize("given_", TAKEN)
def test_what_keeps_the_rules_is_taken(given_: Application) -> None:
    assert look(given_).errors == ()


@pytest.mark.parametrize("service", ServiceCode)
def test_each_service_asks_for_its_papers(service: ServiceCode) -> None:
    assert {*POLICY.required(service)} == REQUIRED[service]
    bare = applies(service, photo_reason=HIJAB)
    assert look(bare).missing == POLICY.required(service)
    shown = frozenset(map(Document, REQUIRED[service]))
    assert look(applies(service, photo_reason=HIJAB, documents=shown)).missing == ()
    for lacking in shown:
        assert look(applies(service, photo_reason=HIJAB, documents=shown - {lacking})).missing == (lacking,)


PAPERS = [(name, rule) for name, rule in POLICY.rules.items() if isinstance(rule, Paper)]


@pytest.mark.parametrize(("name", "paper"), PAPERS)
def test_each_paper_is_missed_exactly_when_it_is_required(name: str, paper: Paper) -> None:
    service, document = name.split(".")
    young = paper.when == "married_under_age"
    given_ = applies(
        ServiceCode(service), photo_reason=HIJAB, born=AT_17 + DAY if young else AT_17, status=WED if young else None
    )
    assert (Document(document) in look(given_).missing) == paper.required
    assert paper.source
    assert paper.id
    assert paper.en


def test_marriage_is_proved_only_by_who_needs_it_for_the_card() -> None:
    assert Document.MARRIAGE_PROOF in look(applies(born=AT_17 + DAY, status=WED)).missing
    assert Document.MARRIAGE_PROOF in look(applies(born=AT_17 + DAY, status=MaritalStatus.DIVORCED)).missing
    assert Document.MARRIAGE_PROOF not in look(applies(born=AT_17, status=WED)).missing
    assert Document.MARRIAGE_PROOF not in look(applies(born=AT_17 + DAY)).missing


@pytest.mark.parametrize(
    ("born", "status", "hold"),
    [
        (date(1950, 8, 17), None, None),
        (AT_17, None, None),
        (AT_17 + DAY, None, date(2026, 11, 25)),
        (AT_16, MaritalStatus.SINGLE, date(2027, 11, 24)),
        (AT_16, WED, None),
        (AT_16 + DAY, WED, None),
        (date(2010, 2, 28), None, date(2027, 2, 28)),
    ],
)
def test_a_card_waits_for_the_17th_birthday_unless_married(
    born: date, status: MaritalStatus | None, hold: date | None
) -> None:
    assert look(applies(born=born, status=status)).hold_until == hold


def test_a_card_waits_whatever_else_is_wrong() -> None:
    """A correction is judged without what was said of the photo: the card waits all the same."""
    found = look(applies(PHOTO, born=AT_16))
    assert [broken.code for broken in found.errors] == ["photo.reason"]
    assert found.hold_until == date(2027, 11, 24)


@given(st.dates(date(1930, 1, 1), date(2025, 12, 31)), st.integers(0, 6000))
def test_on_hold_exactly_from_16_to_17(born: date, later: int) -> None:
    day = born + timedelta(days=later)
    years = (day.year - born.year) - ((day.month, day.day) < (born.month, born.day))
    found = look(applies(born=born), day)
    assert bool(found.errors) == (years < 16)
    assert (found.hold_until is not None) == (years == 16)
    assert found.hold_until is None or day < found.hold_until <= day + timedelta(days=366)


def test_every_broken_rule_is_told_at_once() -> None:
    found = look(applies(PHOTO, born=AT_16 + DAY, nik="9902063213500000"))
    assert [broken.code for broken in found.errors] == [
        "age.recording",
        "nik.province",
        "nik.birth_date",
        "nik.serial",
        "photo.reason",
    ]


def test_a_differing_nik_is_warned_of_and_a_broken_one_refused() -> None:
    found = look(applies(nik=nik_of(date(1951, 8, 17), Sex.MALE, "170201")))
    assert found.errors == ()
    assert [(warned.field, warned.code) for warned in found.warnings] == [
        ("residents.3.nik", "nik.sex"),
        ("residents.3.nik", "nik.birth_date_differs"),
        ("residents.3.nik", "nik.district"),
    ]
    assert all(warned.warning and warned.en for warned in found.warnings)
    assert look(applies(nik="9902065708500001")).warnings == ()


def test_a_birth_date_out_of_a_nik_is_asked_for() -> None:
    found = look(applies(nik=nik_of(date(1950, 8, 17)), birth_date_from_nik=True))
    assert [(warned.field, warned.code) for warned in found.warnings] == [
        ("residents.3.birth_date", "nik.birth_date_read")
    ]


def test_fields_are_named_as_the_caller_wants_them() -> None:
    young = applies(born=AT_16 + DAY)
    for prefix, field in (("", "birth_date"), ("resident", "resident.birth_date"), ("r{number}", "r7.birth_date")):
        found = examine(POLICY, KELURAHAN, RequestKind.DRIVE, 7, young, TODAY, prefix=prefix)
        assert [broken.field for broken in found.errors] == [field]


persons = st.builds(
    Person,
    name=st.text(max_size=20),
    birth_date=st.dates() | st.dates(date(2005, 1, 1), date(2012, 1, 1)),
    sex=st.sampled_from(Sex),
    reason=st.sampled_from(Reason),
    address=st.text(max_size=20),
    nik=st.none() | st.text(max_size=20) | st.from_regex(r"[0-9]{16}", fullmatch=True),
    phone=st.none(),
    marital_status=st.none() | st.sampled_from(MaritalStatus),
    photo_reason=st.none() | st.sampled_from(PhotoReason),
    recorded_before=st.none() | st.booleans(),
)
applications = st.builds(
    Application,
    person=persons,
    service=st.sampled_from(ServiceCode),
    needs=st.frozensets(st.sampled_from(Skill)),
    documents=st.frozensets(st.sampled_from(Document)),
    family_card=st.booleans(),
    birth_date_from_nik=st.booleans(),
)
FIELDS = {f.name for f in (*fields(Person), *fields(Application))}


@given(applications, st.sampled_from(RequestKind), st.dates(date(2011, 1, 1), date(2099, 12, 31)))
def test_any_input_is_examined_and_none_of_it_repeated(given_: Application, kind: RequestKind, day: date) -> None:
    found = examine(POLICY, KELURAHAN, kind, 0, given_, day)
    for told in (*found.errors, *found.warnings):
        assert re.fullmatch(r"residents\.0\.([a-z_]+)", told.field)
        assert told.field.removeprefix("residents.0.") in FIELDS
        assert told.code
        assert told.en
        nik = given_.person.nik
        assert not nik or len(nik) < 5 or nik not in repr(told)
    assert all(broken.source for broken in found.errors)
    required = {document for document, paper in POLICY.papers(given_.service).items() if paper.required}
    assert {*found.missing} <= required - given_.documents
    assert {*POLICY.required(given_.service)} - given_.documents <= {*found.missing}
    assert not found.hold_until or day < found.hold_until
    assert 1 <= found.effort.minutes <= 600


@given(
    st.sampled_from(RequestKind),
    st.sampled_from(ServiceCode),
    st.sampled_from(Reason),
    st.frozensets(st.sampled_from(Skill)),
)
def test_every_office_has_a_team_for_every_effort(
    kind: RequestKind, service: ServiceCode, reason: Reason, needs: frozenset[Skill]
) -> None:
    effort = look(applies(service, reason=reason, needs=needs, photo_reason=HIJAB), kind=kind).effort
    assert needs <= {*effort.skills}
    for office in Offices.load():
        assert any(team.size >= effort.team_size and team.skills >= {*effort.skills} for team in office.teams)


def test_mental_illness_or_the_letter_asks_for_the_large_team() -> None:
    effort = look(applies(reason=Reason.MENTAL_ILLNESS)).effort
    assert (effort.minutes, effort.team_size, effort.skills) == (30, 8, (Skill.LARGE_TEAM,))
    asked = look(applies(reason=Reason.ILL, needs=frozenset({Skill.LARGE_TEAM}))).effort
    assert (asked.team_size, asked.urgency) == (8, Urgency.HIGH)


def test_a_team_serves_some_hundred_residents_a_day_on_a_drive() -> None:
    """71 to 125 a team and day are told of; a working day of eight hours."""
    first = look(applies(reason=Reason.OTHER), kind=RequestKind.DRIVE).effort.minutes
    assert 71 <= 8 * 60 / first <= 125
    assert look(applies(reason=Reason.OTHER)).effort.minutes == 15


@pytest.mark.parametrize(
    ("state", "limit"),
    [
        ("filed", timedelta(days=3)),
        ("needs_documents", timedelta(days=7)),
        ("accepted", None),  # the legal clock's, which runs on to the card
        ("scheduled", timedelta(days=1)),
        ("visited", timedelta(days=3)),
        ("awaiting_decision", timedelta(days=3)),
        ("recorded", timedelta(days=1)),
        ("print_ready", timedelta(days=3)),
        ("printed", timedelta(days=7)),
        ("handed_over", None),
        ("rejected", None),
        ("cancelled", None),
    ],
)
def test_every_stage_has_its_limit(state: str, limit: timedelta | None) -> None:
    known = {f"limit.{each}" for each in (*Stage, "needs_documents", "awaiting_decision")}
    assert {name for name in POLICY.rules if name.startswith("limit.")} <= known
    assert POLICY.limit(state) == limit
    assert POLICY.legal_limit == timedelta(hours=24)
