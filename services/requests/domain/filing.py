"""A letter as it was submitted, the request and the cases it becomes, and the events of that.

A `Filing` is valid: only `domain.intake` makes one. A case is published to dispatch once its papers are complete; the
first such case of a letter also accepts the letter.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.requests.domain.people import Application, Consent, Contact, Document, Drive, Person
from services.requests.domain.rules.checks import Warned
from services.requests.domain.rules.effort import Effort
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import State, due, state_of_all
from services.requests.domain.when import When
from shared.contract.events import CaseAdded, RequestAccepted, RequestEvent, RequestFiled
from shared.contract.fields import RequestKind, ServiceCode, Stage
from shared.problems import RuleViolation

HOUSEHOLD = 20
"""Residents of one home visit, at most."""
NO_CONTACT = RuleViolation(
    "contact", "layanan di tempat perlu narahubung", "drive.contact", en="a drive needs a contact"
)


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
class Submission:
    """A letter with the residents who apply by it, as it was received; nothing is checked yet."""

    letter: Letter
    applications: tuple[Application, ...]
    documents_complete: bool
    """Every required paper of every resident was shown."""
    when: When


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
