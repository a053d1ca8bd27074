"""A letter becomes a request with one case a resident, or is turned away naming what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.requests.domain.effort import Effort, effort_of
from services.requests.domain.eligibility import print_on_hold_until
from services.requests.domain.numbers import nik_warnings
from services.requests.domain.people import Application, Person
from services.requests.domain.stages import LIMITS, legal_due
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
class Warned:
    """Something to check that does not stand in the way; it repeats no personal value."""

    field: str
    warning: str


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

    @property
    def stage(self) -> Stage:
        """Where the request stands once it is filed."""
        return Stage.ACCEPTED if self.complete else Stage.FILED

    @property
    def due_at(self) -> datetime:
        """When the limit of that stage passes."""
        return legal_due(self.at) if self.complete else self.at + LIMITS[Stage.FILED]

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
            events.append(accepted(self.id, self.office, self.letter.kelurahan, self.at))
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


def accepted(request_id: UUID, office: str, kelurahan: str, at: datetime) -> RequestAccepted:
    """The documents are complete at `at`: the legal clock starts."""
    return RequestAccepted(at=at, request_id=request_id, office=office, kelurahan=kelurahan, due_at=legal_due(at))


def file(
    letter: Letter,
    applications: Sequence[Application],
    *,
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
    cases = tuple(_case(number, given, day, new_id()) for number, given in enumerate(applications))
    warnings = tuple(
        Warned(f"residents.{number}.nik", warning)
        for number, given in enumerate(applications)
        if given.person.nik
        for warning in nik_warnings(given.person.nik, given.person.birth_date, given.person.sex)
    )
    return Filing(new_id(), at, office, letter, complete, cases, warnings)


def _case(number: int, given: Application, day: date, case_id: UUID) -> NewCase:
    person = given.person
    return NewCase(
        id=case_id,
        service=given.service,
        effort=effort_of(given.service, person.reason, given.needs),
        hold_until=print_on_hold_until(person.birth_date, given.married, day, field=f"residents.{number}.birth_date"),
        person=person,
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
