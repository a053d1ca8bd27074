"""A resident's data are corrected: which may be, and what of the rest is judged anew by the rules of filing.

What is applied for, and the papers shown for it, may change until a visit is promised. A correction of one's own data
is a right (UU 27/2022 Ps 6, within 3 x 24 hours: Ps 30), also after the record.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.requests.domain.letters import UNPROMISED, LockedCase
from services.requests.domain.people import Application, Document, Person, Reason
from services.requests.domain.rules.checks import Examined, examine
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import OPEN
from shared.contract.fields import RequestKind, ServiceCode, Skill
from shared.problems import Conflict, Invalid, RuleViolation

NEEDS, FAMILY_CARD, SERVICE, DOCUMENTS = "needs", "family_card", "service", "documents"
UNTIL_PROMISED = frozenset({SERVICE, DOCUMENTS, "photo_reason", "recorded_before"})
OF_PAPERS = frozenset({"birth_date", "marital_status", SERVICE, DOCUMENTS})
"""What the papers depend on."""
OF_THE_CASE = frozenset({SERVICE, DOCUMENTS, NEEDS, FAMILY_CARD})
"""The other fields are the person's."""
PROMISED = RuleViolation(
    "",
    "sudah dijadwalkan atau ditutup: layanan dan berkasnya tidak dapat diubah lagi; tarik kasus ini dan ajukan lagi",
    "case.promised",
    "Kebiasaan kantor: jadwal yang dijanjikan tetap",
    "planned or closed: what is applied for and its papers change no more; withdraw this case and file again",
)
STALE = RuleViolation(
    "",
    "diubah orang lain sesudah Anda membukanya",
    "version.stale",
    "",
    "changed by somebody else after you opened it",
)
MEANWHILE = "Data ini diubah orang lain sesudah Anda membukanya. Lihat yang sekarang, lalu simpan lagi."


@dataclass(frozen=True, slots=True, repr=False)
class LetterChanges:
    """What is corrected of a letter, of its contact and of its drive, by the name of the field."""

    letter: Mapping[str, Any]
    contact: Mapping[str, Any]
    drive: Mapping[str, Any]

    @property
    def fields(self) -> list[str]:
        """The names of all corrected fields."""
        return [*self.letter, *self.contact, *self.drive]


@dataclass(frozen=True, slots=True)
class Amended:
    """A case and its person after a correction; `hold_until` is the 17th birthday while the card must wait for it."""

    case: LockedCase
    person: Person
    hold_until: date | None
    completes: bool
    """It waited for papers, and all are there now."""


def amend(
    policy: Policy,
    kelurahan: str,
    kind: RequestKind,
    case: LockedCase,
    person: Person,
    changes: Mapping[str, Any],
    day: date,
) -> Amended:
    """The case and its person with these changes: fields of Person, and those `OF_THE_CASE`.

    A case that waits for papers is judged anew; one that went on stays told, so it cannot come to lack a paper. What
    was wrong before, by an older version or another policy, is in the way of no other field.
    Raises Invalid (422) naming field and rule, and Conflict (409) for what is fixed once a visit is promised.
    """
    late = sorted(changes.keys() & UNTIL_PROMISED) if case.stage not in UNPROMISED else []
    if late:
        raise Conflict.of([replace(PROMISED, field=name) for name in late])
    before = Application(person, case.service, documents=frozenset(case.documents))
    after = _applied(policy, case, person, changes)
    was, found = (examine(policy, kelurahan, kind, 0, each, day, prefix="") for each in (before, after))
    errors = [error for error in found.errors if error.field in changes or error not in was.errors]
    if case.stage in OPEN and not case.waits:
        errors += _asked_for(policy, after.service, was, found)
    if errors:
        raise Invalid.of(errors)
    judged = case.waits and bool(changes.keys() & OF_PAPERS)
    held = replace(
        case,
        service=after.service,
        effort=found.effort if changes.keys() & {NEEDS, "reason", SERVICE} else case.effort,
        print_on_hold=found.hold_until is not None,
        family_card=after.family_card,
        documents=tuple(each for each in Document if each in after.documents),
        missing=found.missing if judged else case.missing,
    )
    return Amended(held, after.person, found.hold_until, completes=judged and not found.missing)


def _applied(policy: Policy, case: LockedCase, person: Person, changes: Mapping[str, Any]) -> Application:
    """What the resident applies for after the changes."""
    service = changes.get(SERVICE, case.service)
    given = replace(person, **{name: value for name, value in changes.items() if name not in OF_THE_CASE})
    return Application(
        given if service is ServiceCode.PHOTO else replace(given, photo_reason=None),
        service,
        needs=frozenset(changes.get(NEEDS, needs_of(policy, person.reason, case.effort.skills))),
        documents=frozenset(changes.get(DOCUMENTS, case.documents)),
        family_card=changes.get(FAMILY_CARD, case.family_card),
    )


def named(changes: Collection[str]) -> list[str]:
    """The fields of these changes as people know them: that a birth date is estimated is part of it."""
    return sorted(name for name in changes if name != "birth_date_estimated")


def must_be_newest(changed: Sequence[str]) -> None:
    """Raises Conflict (409) naming the fields that were changed after the version that a change is based on."""
    if changed:
        raise Conflict(MEANWHILE, errors=[replace(STALE, field=name) for name in changed])


def needs_of(policy: Policy, reason: Reason, skills: Collection[Skill]) -> tuple[Skill, ...]:
    """Of the skills that a visit asks for, those that the letter named: the others come and go with the reason."""
    return tuple(skill for skill in skills if skill not in policy.strains[reason].skills)


def _asked_for(policy: Policy, service: ServiceCode, was: Examined, found: Examined) -> Iterator[RuleViolation]:
    """The papers that only the change asks for: what lacked before it is not its fault."""
    for document in found.missing:
        if document not in was.missing:
            paper = policy.papers(service)[document]
            yield RuleViolation(DOCUMENTS, paper.id, f"{service}.{document}", paper.source, paper.en)
