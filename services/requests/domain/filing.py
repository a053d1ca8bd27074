"""A letter becomes a request with one case a resident, or is turned away naming all that is wrong.

A case is told to dispatch once its papers are complete; the first of a letter brings the letter's acceptance.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.requests.domain.people import Application, Consent, Contact, Document, Drive, Person
from services.requests.domain.rules.checks import Examined, Warned, examine
from services.requests.domain.rules.effort import Effort
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import State, due, state_of_all
from services.requests.domain.tracking.codes import new_code
from services.requests.domain.when import When
from shared.events import CaseAdded, RequestAccepted, RequestEvent, RequestFiled
from shared.fields import RequestKind, ServiceCode, Stage
from shared.offices import Office
from shared.problems import Broken, Invalid

HOUSEHOLD = 20
"""Residents of one home visit, at most."""
NO_CONTACT = Broken("contact", "layanan di tempat perlu narahubung", "drive.contact", en="a drive needs a contact")


@dataclass(frozen=True, slots=True)
class Letter:
    """What the letter itself says: from whom, for what kind of visit, and with whose consent."""

    kelurahan: str
    kind: RequestKind
    number: str
    date: date
    consent: Consent | None = None
    """None of a letter of a version that did not ask."""
    contact: Contact = field(default=Contact(), repr=False)
    drive: Drive | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewCase:
    """One resident's case at its beginning; `hold_until` is the 17th birthday while the print waits for it."""

    id: UUID
    tracking: str
    service: ServiceCode
    effort: Effort
    hold_until: date | None = field(repr=False)
    person: Person = field(repr=False)
    documents: tuple[Document, ...]
    missing: tuple[Document, ...]
    family_card: bool
    line: int | None = None
    """Of the list it came with."""

    @property
    def print_on_hold(self) -> bool:
        """Whether the print waits for the 17th birthday."""
        return self.hold_until is not None

    @property
    def stage(self) -> Stage:
        """Where it stands: accepted with its papers complete."""
        return Stage.FILED if self.missing else Stage.ACCEPTED

    @property
    def state(self) -> State:
        """The same, as people see it."""
        return State.NEEDS_DOCUMENTS if self.missing else State.ACCEPTED


@dataclass(frozen=True, slots=True)
class Filing:
    """Valid cases as they are filed: with their letter, or (`joins`) for one that was filed before."""

    id: UUID
    when: When
    office: str
    letter: Letter
    cases: tuple[NewCase, ...]
    warnings: tuple[Warned, ...]
    policy: Policy = field(repr=False)
    joins: Stage | None = None
    """The stage of the letter that they join."""

    @property
    def at(self) -> datetime:
        """When, as the caller says."""
        return self.when.at

    @property
    def stage(self) -> Stage:
        """Where the letter stands then: accepted with the first case whose papers are complete."""
        ready = self.joins is Stage.ACCEPTED or any(not case.missing for case in self.cases)
        return Stage.ACCEPTED if ready else Stage.FILED

    @property
    def state(self) -> State:
        """Where its cases stand: at the slowest; a drive without any waits for its list."""
        return state_of_all({case.state for case in self.cases}) if self.cases else State(self.stage)

    @property
    def due_at(self) -> datetime | None:
        """When the letter's own limit passes: the legal clock, or that of a drive whose list must come."""
        if self.stage is Stage.ACCEPTED:
            return self.at + self.policy.legal_limit
        return None if self.cases else self.case_due_at(State.FILED)

    def case_due_at(self, state: State) -> datetime | None:
        """When a case's own limit at a state passes; the legal clock is the letter's."""
        return due(self.policy, state, self.at)

    def events(self) -> list[RequestEvent]:
        """RequestFiled, CaseAdded of each case that is ready, RequestAccepted with the first of them."""
        events: list[RequestEvent] = [] if self.joins else [self._filed()]
        events += [self._added(case) for case in self.cases if not case.missing]
        if self.stage is Stage.ACCEPTED and self.joins is not Stage.ACCEPTED:
            events.append(accepted(self.policy, self.id, self.office, self.letter.kelurahan, self.when))
        return events

    def _filed(self) -> RequestFiled:
        letter, drive = self.letter, self.letter.drive
        about = {"at": self.at, "request_id": self.id, "office": self.office, "kelurahan": letter.kelurahan}
        if drive is None:
            return RequestFiled(**about, kind=letter.kind)
        return RequestFiled(
            **about,
            kind=letter.kind,
            place=drive.place,
            headcount=drive.headcount,
            preferred_days=drive.preferred_days,
            on_holidays=drive.on_holidays,
        )

    def _added(self, case: NewCase) -> CaseAdded:
        drive = self.letter.drive
        days, on_holidays = (drive.preferred_days, drive.on_holidays) if drive else ((), False)
        return added(case, self.id, self.office, self.letter.kelurahan, days, on_holidays, self.when)


class Planned(Protocol):
    """What dispatch is told of a case, new or filed before."""

    @property
    def id(self) -> UUID: ...
    @property
    def service(self) -> ServiceCode: ...
    @property
    def effort(self) -> Effort: ...
    @property
    def print_on_hold(self) -> bool: ...
    @property
    def family_card(self) -> bool: ...


def added(
    case: Planned,
    request_id: UUID,
    office: str,
    kelurahan: str,
    preferred_days: tuple[int, ...],
    on_holidays: bool,
    when: When,
) -> CaseAdded:
    """The papers of a case are complete: it may be planned."""
    effort = case.effort
    return CaseAdded(
        at=when.at,
        request_id=request_id,
        case_id=case.id,
        office=office,
        kelurahan=kelurahan,
        service=case.service,
        minutes=effort.minutes,
        team_size=effort.team_size,
        skills=effort.skills,
        urgency=effort.urgency,
        print_on_hold=case.print_on_hold,
        preferred_days=preferred_days,
        on_holidays=on_holidays,
        family_card=case.family_card,
        received_at=when.received_at,
    )


def accepted(policy: Policy, request_id: UUID, office: str, kelurahan: str, when: When) -> RequestAccepted:
    """The first papers are complete: the legal clock starts then, though that is heard of later."""
    about = {"request_id": request_id, "office": office, "kelurahan": kelurahan}
    return RequestAccepted(at=when.at, **about, due_at=when.at + policy.legal_limit, received_at=when.received_at)


def file(
    letter: Letter,
    applications: Sequence[Application],
    *,
    policy: Policy,
    complete: bool,
    when: When,
    office: Office,
    new_id: Callable[[], UUID],
) -> Filing:
    """The request of a letter; `complete` says that every paper was shown.

    Raises Invalid (422) naming every field and rule.
    """
    letter_errors = tuple(_letter_errors(letter, len(applications), office.day_of(when.at)))
    cases, warnings = _enter(
        letter, applications, policy, complete, office.day_of(when.received_at), new_id, letter_errors
    )
    return Filing(new_id(), when, office.code, letter, cases, warnings, policy)


def join(
    request_id: UUID,
    stage: Stage,
    letter: Letter,
    applications: Sequence[Application],
    *,
    policy: Policy,
    complete: bool,
    when: When,
    office: Office,
    new_id: Callable[[], UUID],
) -> Filing:
    """Residents for a drive that was filed before. Raises Invalid (422) naming every field and rule."""
    cases, warnings = _enter(letter, applications, policy, complete, office.day_of(when.received_at), new_id)
    return Filing(request_id, when, office.code, letter, cases, warnings, policy, stage)


def check(
    letter: Letter, applications: Sequence[Application], *, policy: Policy, complete: bool, when: When, office: Office
) -> tuple[list[Broken], list[Warned], list[tuple[tuple[Document, ...], bool]]]:
    """What filing would say: errors, warnings, and each resident's missing papers and whether the print waits."""
    found, errors = _examined(letter, applications, policy, office.day_of(when.received_at))
    warnings = [warning for each in found for warning in each.warnings]
    seen = [(() if complete else each.missing, each.hold_until is not None) for each in found]
    return [*_letter_errors(letter, len(applications), office.day_of(when.at)), *errors], warnings, seen


def _examined(
    letter: Letter, applications: Sequence[Application], policy: Policy, day: date
) -> tuple[list[Examined], list[Broken]]:
    """Each application under the rules, and what is wrong with them, alone and together."""
    found = [examine(policy, letter.kelurahan, letter.kind, n, given, day) for n, given in enumerate(applications)]
    return found, [*_nik_twice(applications), *(error for each in found for error in each.errors)]


def _enter(
    letter: Letter,
    applications: Sequence[Application],
    policy: Policy,
    complete: bool,
    day: date,
    new_id: Callable[[], UUID],
    letter_errors: Sequence[Broken] = (),
) -> tuple[tuple[NewCase, ...], tuple[Warned, ...]]:
    found, errors = _examined(letter, applications, policy, day)
    if letter_errors or errors:
        raise Invalid.of([*letter_errors, *errors])
    cases = []
    for given, seen in zip(applications, found, strict=True):
        missing = () if complete else seen.missing
        shown = {*given.documents, *(seen.missing if complete else ())}
        cases.append(
            NewCase(
                id=new_id(),
                tracking=given.tracking or new_code(),
                service=given.service,
                effort=seen.effort,
                hold_until=seen.hold_until,
                person=given.person,
                documents=tuple(document for document in Document if document in shown),
                missing=missing,
                family_card=given.family_card,
                line=given.line,
            )
        )
    return tuple(cases), tuple(warning for each in found for warning in each.warnings)


def _letter_errors(letter: Letter, residents: int, day: date) -> Iterator[Broken]:
    if letter.date > day:
        yield Broken(
            "letter.date", "tanggal surat paling lambat hari permohonan", "letter.date", en="not after today"
        )
    if letter.kind is RequestKind.DRIVE:
        if letter.drive is None:
            yield Broken("drive", "wajib diisi untuk layanan di tempat", "drive.place", en="required for a drive")
        if letter.contact.phone is None:
            yield NO_CONTACT
        return
    if letter.drive is not None:
        yield Broken("drive", "hanya untuk layanan di tempat", "drive.only", en="only for a drive")
    if not 1 <= residents <= HOUSEHOLD:
        rule = f"kunjungan rumah untuk 1 sampai {HOUSEHOLD} warga; untuk lebih banyak ajukan layanan di tempat"
        yield Broken("residents", rule, "visit.residents", en=f"a home visit is for 1 to {HOUSEHOLD} residents")


def _nik_twice(applications: Sequence[Application]) -> Iterator[Broken]:
    first: dict[str, int] = {}
    for number, given in enumerate(applications):
        nik = given.person.nik
        if nik and (before := first.setdefault(nik, number)) != number:
            rule = f"NIK sama dengan warga ke-{before + 1} dalam surat ini: satu kasus untuk satu warga"
            yield Broken(f"residents.{number}.nik", rule, "nik.twice", en=f"the same NIK as resident {before + 1}")
