"""A correction is judged by the rules of filing: whatever is corrected, it comes to what would have been filed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.amending import UNTIL_PROMISED, amend, needs_of
from services.requests.domain.letters import UNPROMISED, LockedCase
from services.requests.domain.people import Application, Document, MaritalStatus, Person, PhotoReason, Reason
from services.requests.domain.rules.checks import examine
from services.requests.domain.rules.policy import Policies
from shared.contract.fields import RequestKind, ServiceCode, Skill, Stage
from shared.contract.ids import new_id
from shared.problems import Conflict, Invalid
from tests.services.requests.domain.applicants import KELURAHAN, TODAY, applies

POLICY = Policies.load().of("17.02")
HOME = RequestKind.HOME_VISIT
FIRST, LOST, DAMAGED, PHOTO, CHANGE, MOVE = ServiceCode
KK, POLICE, WED = Document.KK, Document.POLICE_LETTER, Document.MARRIAGE_PROOF
AT_16 = date(2010, 6, 1)

papers = st.frozensets(st.sampled_from(Document))
statuses = st.none() | st.sampled_from(MaritalStatus)
births = st.sampled_from([AT_16, date(2009, 6, 1), date(1950, 8, 17)])
applications = st.builds(
    lambda service, born, status, reason, needs, documents: applies(
        service, born=born, status=status, reason=reason, needs=needs, documents=documents
    ),
    st.sampled_from([service for service in ServiceCode if service is not PHOTO]),
    births,
    statuses,
    st.sampled_from(Reason),
    st.frozensets(st.sampled_from(Skill)),
    papers,
)


def held(given_: Application, stage: Stage | None = None) -> LockedCase:
    """The case of an application: waiting for its papers, or at this stage."""
    found = examine(POLICY, KELURAHAN, HOME, 0, given_, TODAY)
    documents = tuple(each for each in Document if each in given_.documents)
    at = stage or (Stage.FILED if found.missing else Stage.ACCEPTED)
    missing = found.missing if at is Stage.FILED else ()
    on_hold, told = found.hold_until is not None, at is not Stage.FILED
    return LockedCase(
        new_id(), None, given_.service, found.effort, on_hold, given_.family_card, documents, missing, told, at
    )


def corrected(given_: Application, stage: Stage | None = None, **changes: Any) -> Any:
    return amend(POLICY, KELURAHAN, HOME, held(given_, stage), given_.person, changes, TODAY)


@given(applications, applications)
def test_a_waiting_case_comes_to_what_would_have_been_filed(first: Application, then: Application) -> None:
    before = held(first, Stage.FILED)
    fields = ("birth_date", "marital_status", "reason")
    changes = {name: getattr(then.person, name) for name in fields}
    changes |= {"service": then.service, "documents": then.documents, "needs": then.needs}
    got = amend(POLICY, KELURAHAN, HOME, before, first.person, changes, TODAY)
    filed = examine(POLICY, KELURAHAN, HOME, 0, then, TODAY)
    assert (got.case.missing, got.case.effort, got.hold_until) == (filed.missing, filed.effort, filed.hold_until)
    assert got.completes is (not filed.missing)
    assert (got.case.service, set(got.case.documents)) == (then.service, then.documents)
    assert got.person == then.person


@given(applications, applications)
def test_a_case_that_went_on_never_comes_to_lack_a_paper(first: Application, then: Application) -> None:
    complete = replace(first, documents=frozenset(Document))
    changes = {"service": then.service, "documents": then.documents}
    lacks = examine(POLICY, KELURAHAN, HOME, 0, replace(then, person=first.person), TODAY).missing
    if not lacks:
        got = corrected(complete, **changes)
        assert (got.case.missing, got.case.told, got.completes) == ((), True, False)
        return
    with pytest.raises(Invalid) as refused:
        corrected(complete, **changes)
    assert [error.code for error in refused.value.errors] == [f"{then.service}.{paper}" for paper in lacks]
    assert all(error.field == "documents" and error.source and error.en for error in refused.value.errors)


def test_what_lacked_before_a_change_is_not_its_fault() -> None:
    """Version 0.1.0 noted no papers, and a policy may ask for more than it did: data are corrected all the same."""
    unnoted = applies(born=AT_16)
    assert corrected(unnoted, Stage.ACCEPTED, name="Siti Baru").person.name == "Siti Baru"
    with pytest.raises(Invalid) as refused:
        corrected(unnoted, Stage.ACCEPTED, marital_status=MaritalStatus.MARRIED)
    assert [error.code for error in refused.value.errors] == ["first.bukti_kawin"]


def test_a_waiting_case_is_judged_by_what_its_papers_depend_on() -> None:
    declared = replace(held(applies(), Stage.FILED), missing=())
    person: Person = applies().person
    got = amend(POLICY, KELURAHAN, HOME, declared, person, {"name": "Siti Baru"}, TODAY)
    assert (got.case.missing, got.completes) == ((), False)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in UNPROMISED])
@pytest.mark.parametrize("field", sorted(UNTIL_PROMISED))
def test_service_and_papers_are_fixed_once_a_visit_is_promised(stage: Stage, field: str) -> None:
    with pytest.raises(Conflict) as refused:
        corrected(applies(documents=frozenset({KK})), stage, **{field: None})
    [error] = refused.value.errors
    assert (error.field, error.code) == (field, "case.promised")
    assert error.source
    assert error.en
    assert corrected(applies(documents=frozenset({KK})), stage, name="Siti Baru").person.name == "Siti Baru"


def test_a_photo_reason_is_kept_with_the_person_and_asked_once() -> None:
    old = frozenset({KK, Document.OLD_CARD})
    with pytest.raises(Invalid) as refused:
        corrected(applies(documents=old), service=PHOTO)
    assert [error.code for error in refused.value.errors] == ["photo.reason"]
    taken = corrected(applies(documents=old), service=PHOTO, photo_reason=PhotoReason.HIJAB)
    assert (taken.case.service, taken.person.photo_reason) == (PHOTO, PhotoReason.HIJAB)
    photo = applies(PHOTO, photo_reason=PhotoReason.HIJAB, documents=old)
    assert corrected(photo, documents={*old, Document.F102}).person.photo_reason is PhotoReason.HIJAB
    assert corrected(photo, recorded_before=True).person.recorded_before is True
    assert corrected(photo, service=FIRST).person.photo_reason is None
    for wrong in (PhotoReason.AESTHETIC, None):
        with pytest.raises(Invalid):
            corrected(photo, photo_reason=wrong)


def test_what_an_older_version_lacks_is_asked_only_when_touched() -> None:
    unsaid = applies(PHOTO, documents=frozenset({KK, Document.OLD_CARD}))
    assert corrected(unsaid, name="Siti Baru").person.name == "Siti Baru"
    assert corrected(unsaid, photo_reason=PhotoReason.HIJAB).person.photo_reason is PhotoReason.HIJAB
    with pytest.raises(Invalid):
        corrected(unsaid, photo_reason=PhotoReason.AESTHETIC)


def test_the_needs_of_a_letter_are_those_that_no_reason_brings() -> None:
    skills = (Skill.FEMALE_OFFICER, Skill.LARGE_TEAM)
    assert needs_of(POLICY, Reason.MENTAL_ILLNESS, skills) == (Skill.FEMALE_OFFICER,)
    ill = applies(reason=Reason.MENTAL_ILLNESS, needs=frozenset({Skill.FEMALE_OFFICER}), documents=frozenset({KK}))
    assert corrected(ill, reason=Reason.ELDERLY).case.effort.skills == (Skill.FEMALE_OFFICER,)
    assert corrected(ill, needs=()).case.effort.skills == (Skill.LARGE_TEAM,)
