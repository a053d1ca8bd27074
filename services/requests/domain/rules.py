"""Whether an application holds."""

from dataclasses import dataclass
from datetime import date

from services.requests.domain.effort import Effort, effort_of
from services.requests.domain.eligibility import print_on_hold_until
from services.requests.domain.numbers import nik_warnings
from services.requests.domain.people import Application, Document
from services.requests.domain.policy import Policy
from shared.fields import RequestKind
from shared.problems import Broken, Invalid


@dataclass(frozen=True, slots=True)
class Warned:
    """To be checked."""

    field: str
    warning: str
    code: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of it."""

    errors: tuple[Broken, ...]
    warnings: tuple[Warned, ...]
    missing: tuple[Document, ...]
    hold_until: date | None
    effort: Effort


def examine(
    policy: Policy,
    kelurahan: str,
    kind: RequestKind,
    number: int,
    given: Application,
    day: date,
    prefix: str = "residents.{number}.",
) -> Examined:
    """Look at one."""
    p, who = prefix.format(number=number), given.person
    errors: tuple[Broken, ...] = ()
    hold = None
    married = bool(who.marital_status and who.marital_status.ever_married)
    try:
        hold = print_on_hold_until(who.birth_date, married, day, f"{p}birth_date")
    except Invalid as e:
        errors = tuple(e.errors)
    found = nik_warnings(who.nik, who.birth_date, who.sex) if who.nik else []
    missing = tuple(d for d in policy.required(given.service) if d not in given.documents)
    return Examined(
        errors,
        tuple(Warned(f"{p}nik", x) for x in found),
        missing,
        hold,
        effort_of(given.service, who.reason, given.needs),
    )
