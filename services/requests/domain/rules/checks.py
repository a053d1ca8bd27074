"""What the policy makes of one resident's application: every broken rule at once, what to check, what is missing.

Nothing here raises for what somebody typed, and no sentence repeats a value of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.requests.domain import births, names, numbers
from services.requests.domain.eligibility import age_on, birthday
from services.requests.domain.people import Application, Document
from services.requests.domain.rules.clauses import Clause
from services.requests.domain.rules.effort import Effort, effort_of
from services.requests.domain.rules.policy import Policy
from shared.contract.fields import RequestKind, ServiceCode
from shared.problems import Invalid, RuleViolation

__all__ = ["Examined", "RuleViolation", "Warned", "examine"]


ERRORS = {**numbers.ERRORS, **names.ERRORS, **births.ERRORS}
WARNINGS = {**numbers.WARNINGS, **names.WARNINGS, **births.WARNINGS}


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to check that does not stand in the way; it repeats no personal value."""

    field: str
    warning: str
    code: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """An application, examined. It may be filed when `errors` is empty; it is accepted when `missing` is too."""

    errors: tuple[RuleViolation, ...]
    warnings: tuple[Warned, ...]
    missing: tuple[Document, ...]
    """Required papers that were not shown, in the policy's order."""
    hold_until: date | None
    """The birthday that the print waits for, None when it waits for none."""
    effort: Effort


def examine(
    policy: Policy,
    kelurahan: str,
    kind: RequestKind,
    number: int,
    given: Application,
    day: date,
    prefix: str = "residents.{number}",
) -> Examined:
    """The application of resident `number` on the office's `day`. `prefix` names its fields; "" names them bare."""
    where = prefix.format(number=number)
    dot = f"{where}." if where else ""
    person = given.person
    age = age_on(person.birth_date, day)
    early = policy.recording_age.years <= age < policy.card_age.years
    wed = person.marital_status is not None and person.marital_status.ever_married
    nik, malformed = _nik(person.nik, day, dot)
    errors = (*_age(policy, given, day, age, wed, dot), *malformed, *_service(policy, given, dot))
    return Examined(
        errors=errors,
        warnings=tuple(_warnings(given, nik, kelurahan, dot)),
        missing=tuple(_missing(policy, given, age < policy.card_age.years and wed)),
        hold_until=birthday(person.birth_date, policy.card_age.years) if early and not wed else None,
        effort=effort_of(policy, kind, given.service, person.reason, given.needs),
    )


def _age(policy: Policy, given: Application, day: date, age: int, wed: bool, dot: str) -> Iterator[RuleViolation]:
    if given.person.birth_date_estimated and births.is_too_young_to_estimate(given.person.birth_date, day):
        yield births.ERRORS["birth_date.year_only"].broken(f"{dot}birth_date", "birth_date.year_only")
    elif given.person.birth_date > day or age > policy.oldest.years:
        yield _broken(f"{dot}birth_date", "age.oldest", policy.oldest)
    elif age < policy.recording_age.years and not wed:
        yield _broken(f"{dot}birth_date", "age.recording", policy.recording_age)


def _nik(nik: str | None, day: date, dot: str) -> tuple[str | None, tuple[RuleViolation, ...]]:
    try:
        return nik and numbers.clean_nik(nik, day, f"{dot}nik"), ()
    except Invalid as refused:
        return None, refused.errors


def _service(policy: Policy, given: Application, dot: str) -> Iterator[RuleViolation]:
    recorded, wanted = given.person.recorded_before, given.person.photo_reason
    match given.service:
        case ServiceCode.FIRST if recorded is True and policy.first_recorded.applies:
            yield _broken(f"{dot}recorded_before", "first.recorded", policy.first_recorded)
        case ServiceCode.MOVE_IN if recorded is False and policy.move_in_recorded.applies:
            yield _broken(f"{dot}recorded_before", "move_in.recorded", policy.move_in_recorded)
        case ServiceCode.PHOTO if wanted is None and policy.photo_reason.applies:
            yield _broken(f"{dot}photo_reason", "photo.reason", policy.photo_reason)
        case ServiceCode.PHOTO if wanted is not None and not policy.photo_reasons[wanted].permitted:
            yield _broken(f"{dot}photo_reason", f"photo_reason.{wanted}", policy.photo_reasons[wanted])


def _missing(policy: Policy, given: Application, wed_early: bool) -> Iterator[Document]:
    for document, paper in policy.papers(given.service).items():
        if paper.required and document not in given.documents and (paper.when == "always" or wed_early):
            yield document


def _warnings(given: Application, nik: str | None, kelurahan: str, dot: str) -> Iterator[Warned]:
    person = given.person
    if nik:
        for code in numbers.nik_warnings(nik, person.birth_date, person.sex, kelurahan):
            yield _warned(f"{dot}nik", code)
    if given.birth_date_from_nik:
        yield _warned(f"{dot}birth_date", "nik.birth_date_read")
    if person.birth_date_estimated:
        yield _warned(f"{dot}birth_date", "birth_date.estimated")
    if names.is_long(person.name):
        yield _warned(f"{dot}name", "name.long")


def _broken(field: str, code: str, clause: Clause) -> RuleViolation:
    return RuleViolation(field, clause.id, code, clause.source, clause.en)


def _warned(field: str, code: str) -> Warned:
    said = WARNINGS[code]
    return Warned(field, said.id, code, said.en)
