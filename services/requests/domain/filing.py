"""A letter becomes a request with one case a resident, or is turned away naming what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.requests.domain.effort import Effort
from services.requests.domain.people import Application, Person
from services.requests.domain.policy import Policy
from services.requests.domain.rules import Examined, Warned, examine
from shared.events import CaseAdded, RequestAccepted, RequestEvent, RequestFiled
from shared.fields import RequestKind, ServiceCode, Stage
from shared.problems import Invalid


@dataclass(frozen=True, slots=True)
class Letter:
    """What the letter itself says: from whom, for what kind of visit, its number and date."""

    kelurahan: str
    kind: RequestKind
    number: str
    date: date


@dataclass(frozen=True, slots=True)
class NewCase:
    """One resident's case at its beginning; `hold_until` is the 17th birthday while the print waits for it."""

    id: UUID
    service: ServiceCode
    effort: Effort
    hold_until: date | None = field(repr=False)
    person: Person = field(repr=False)


@dataclass(frozen=True, slots=True)
class Filing:
    """A valid request as it is filed, accepted at once when its documents are complete."""

    id: UUID
    at: datetime
    office: str
    letter: Letter
    complete: bool
    cases: tuple[NewCase, ...]
    warnings: tuple[Warned, ...]
    policy: Policy = field(repr=False)

    @property
    def stage(self) -> Stage:
        """Where the request stands once it is filed."""
        return Stage.ACCEPTED if self.complete else Stage.FILED

    @property
    def due_at(self) -> datetime:
        """When the limit of that stage passes."""
        limit = self.policy.legal_limit if self.complete else self.policy.limit(Stage.FILED)
        return self.at + (limit or self.policy.legal_limit)

    def events(self) -> list[RequestEvent]:
        """RequestFiled, one CaseAdded a resident, RequestAccepted when complete."""
        filed = RequestFiled(
            at=self.at,
            request_id=self.id,
            office=self.office,
            kelurahan=self.letter.kelurahan,
            kind=self.letter.kind,
        )
        events: list[RequestEvent] = [filed, *(self._added(case) for case in self.cases)]
        if self.complete:
            events.append(accepted(self.id, self.office, self.letter.kelurahan, self.at, self.policy))
        return events

    def _added(self, case: NewCase) -> CaseAdded:
        return CaseAdded(
            at=self.at,
            request_id=self.id,
            case_id=case.id,
            office=self.office,
            kelurahan=self.letter.kelurahan,
            service=case.service,
            minutes=case.effort.minutes,
            team_size=case.effort.team_size,
            skills=case.effort.skills,
            urgency=case.effort.urgency,
            print_on_hold=case.hold_until is not None,
        )


def accepted(request_id: UUID, office: str, kelurahan: str, at: datetime, policy: Policy) -> RequestAccepted:
    """The documents are complete at `at`: the legal clock starts."""
    due_at = at + policy.legal_limit
    return RequestAccepted(at=at, request_id=request_id, office=office, kelurahan=kelurahan, due_at=due_at)


def file(
    letter: Letter,
    applications: Sequence[Application],
    *,
    policy: Policy,
    complete: bool,
    at: datetime,
    office: str,
    day: date,
    new_id: Callable[[], UUID],
) -> Filing:
    """The request of a letter; `day` is the office's day at `at`. Raises Invalid (422) naming field and rule."""
    if letter.date > day:
        raise Invalid("tanggal surat sesudah hari permohonan", field="letter.date", rule="paling lambat hari ini")
    _no_nik_twice(applications)
    examined = [
        examine(policy, letter.kelurahan, letter.kind, number, given, day)
        for number, given in enumerate(applications)
    ]
    if broken := [error for each in examined for error in each.errors]:
        raise Invalid.of(broken)
    cases = tuple(_case(given, each, new_id()) for given, each in zip(applications, examined, strict=True))
    warnings = tuple(warned for each in examined for warned in each.warnings)
    return Filing(new_id(), at, office, letter, complete, cases, warnings, policy)


def _case(given: Application, examined: Examined, case_id: UUID) -> NewCase:
    return NewCase(
        id=case_id,
        service=given.service,
        effort=examined.effort,
        hold_until=examined.hold_until,
        person=given.person,
    )


def _no_nik_twice(applications: Sequence[Application]) -> None:
    first: dict[str, int] = {}
    for number, given in enumerate(applications):
        nik = given.person.nik
        if nik and first.setdefault(nik, number) != number:
            raise Invalid(
                f"NIK sama dengan warga ke-{first[nik] + 1} dalam surat ini",
                field=f"residents.{number}.nik",
                rule="satu berkas untuk satu warga",
            )
