"""A request as it stands: where each resident is, what is missing, and what may be done about it.

Reading needs no script. Residents go by their number and tracking code, and by name where the page's script has asked
for the names and was noted for it; the rest of a person is shown only on demand, by the route that writes the reading
down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.requests.api import reading
from services.requests.api.dependencies import CASEWORKERS, OfficesDep, PoliciesDep, public_address
from services.requests.api.views.reading import CaseView, RequestDetail, StepView
from services.requests.domain import people
from services.requests.domain.audit import Purpose
from services.requests.domain.letters import RECORDED, UNPROMISED
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import State
from services.requests.pages import lacak
from services.requests.pages.dependencies import TEMPLATES, UNDER_WAY, WAITING, ReaderOfOne, left_of, named
from shared.clock import business_time
from shared.contract.fields import ClosingReason, ServiceCode, Skill
from shared.http.dependencies import Db
from shared.problems import NotFound
from shared.reference.offices import Office
from shared.security.auth import Identity, Role
from shared.system_clock import utc_now
from shared.web.limits import TimeLeft
from shared.web.pages import page
from shared.web.times import clock_in

SHOWN = 100
"""Residents on one page: a drive may have two thousand."""
NEXT = {
    State.FILED: State.ACCEPTED,
    State.NEEDS_DOCUMENTS: State.ACCEPTED,
    State.ACCEPTED: State.SCHEDULED,
    State.SCHEDULED: State.VISITED,
    State.VISITED: State.RECORDED,
    State.RECORDED: State.PRINT_READY,
    State.PRINT_READY: State.PRINTED,
    State.PRINTED: State.HANDED_OVER,
}
PLANNABLE = {State(stage) for stage in UNPROMISED} | {State.NEEDS_DOCUMENTS}
"""No visit is planned: what is applied for and its papers may change."""
ENDED = (State.REJECTED, State.CANCELLED)
VISITABLE = UNDER_WAY - {State(stage) for stage in RECORDED}
"""Before the record: what the visit needs may change."""
CHOICES: dict[str, Any] = {
    "services": ServiceCode,
    "photo_reasons": people.PhotoReason,
    "consents": people.Consent,
    "reasons": people.Reason,
    "marital": people.MaritalStatus,
    "vulnerable": people.Vulnerable,
    "skills": Skill,
    "documents": people.Document,
    "purposes": [purpose for purpose in Purpose if purpose not in (Purpose.OPERATION, Purpose.FINDING)],
    "closing": ClosingReason,
    "roles": tuple(Role),
}
router = APIRouter(tags=["pages"], include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """One case, by its number in the letter; `next` is what follows where it stands."""

    number: int
    case: CaseView
    left: TimeLeft
    next: State | None

    @property
    def plannable(self) -> bool:
        """Whether no visit is planned."""
        return self.case.stage in PLANNABLE

    @property
    def withdrawable(self) -> bool:
        """Whether it is open and no card is printed."""
        return self.case.stage in UNDER_WAY - {State.PRINTED}

    @property
    def visitable(self) -> bool:
        """Whether it is open and not recorded."""
        return self.case.stage in VISITABLE


@dataclass(frozen=True, slots=True)
class Slice:
    """The residents that are shown, and the links to the others."""

    shown: Sequence[ResidentRow]
    lacking: int
    """How many of all lack papers."""
    total: int
    """How many there are to show, with those before and after."""
    start: int
    only_lacking: bool
    one: bool = False
    """One of a drive, with all that may be done about them."""

    @property
    def earlier(self) -> int | None:
        """Where the page before begins."""
        return max(0, self.start - self._step) if self.start else None

    @property
    def later(self) -> int | None:
        """Where the next page begins."""
        return self.start + self._step if self.start + self._step < self.total else None

    @property
    def has_lines(self) -> bool:
        """Whether any of them came with a list."""
        return any(resident.case.line for resident in self.shown)

    @property
    def _step(self) -> int:
        return 1 if self.one else SHOWN


@dataclass(frozen=True, slots=True)
class Doing:
    """What an operator may do, by the number of residents it would concern; 0 is not on offer."""

    accept: int = 0
    reject: int = 0
    cancel: int = 0
    amend: bool = False
    again: bool = False
    """To file again for those who ended without a card."""
    add: bool = False
    days: bool = False
    """The days and the size of a drive: until dispatch knows of it."""

    @classmethod
    def of(cls, detail: RequestDetail, who: Identity) -> "Doing":
        """What this request still may become. The command decides; a page may be a moment old.

        A request that is not accepted yet is ended in one way: the office rejects it, a kelurahan takes it back.
        """
        stages = [case.stage for case in detail.cases]
        under_way = sum(stage in UNDER_WAY for stage in stages)
        is_open = detail.closed_at is None and (under_way > 0 or not stages)
        waiting = sum(stage in WAITING for stage in stages)
        rejects = is_open and detail.accepted_at is None and who.wilayah != detail.kelurahan
        return cls(
            accept=waiting if is_open else 0,
            reject=max(waiting, 1) if rejects else 0,
            cancel=max(under_way, 1) if is_open and not rejects and State.PRINTED not in stages else 0,
            amend=True,
            again=detail.stage in ENDED or any(stage in ENDED for stage in stages),
            add=is_open and detail.drive is not None,
            days=is_open and waiting == len(stages),
        )


@router.get("/permohonan/{request_id:uuid}")
async def request_page(
    request: Request, request_id: UUID, who: ReaderOfOne, db: Db, offices: OfficesDep, policies: PoliciesDep
) -> Response:
    """A request of the person's wilayah; a page that says so for any other."""
    try:
        detail = await reading.request(request_id, who, db, policies)
    except NotFound:
        return page(request, "gone.html.j2", 404, TEMPLATES, who=who)
    async with db.connection() as conn:
        now = await business_time(conn)
    office = offices.of(detail.kelurahan)
    return page(
        request,
        "detail.html.j2",
        among=TEMPLATES,
        who=who,
        detail=detail,
        office=office,
        kelurahan=named(detail.kelurahan),
        left=left_of(detail, now, detail.overdue),
        slowest=_slowest(detail),
        residents=_slice(detail, now, request.query_params),
        doing=Doing.of(detail, who) if who.is_any(Role.OPERATOR) else Doing(),
        reads_persons=who.is_any(*CASEWORKERS),
        papers=_papers(policies.of(office.code)),
        clock=_clock(office),
        lacak=public_address(request, lacak.PATH),
        **CHOICES,
    )


def _slowest(detail: RequestDetail) -> StepView | None:
    """The last step of the case at which the request stands: of visits, the one that comes first."""
    steps = [case.stages[-1] for case in detail.cases if case.stage == detail.stage]
    return min(steps, key=lambda step: step.starts_at or step.at, default=None)


def _papers(policy: Policy) -> dict[str, dict[str, bool]]:
    """Of each service its papers, and whether everybody must show them."""
    return {each: {paper: paper in policy.required(each) for paper in policy.papers(each)} for each in ServiceCode}


def _slice(detail: RequestDetail, now: datetime, asked: Mapping[str, str]) -> Slice:
    everybody = [
        ResidentRow(number, case, left_of(case, now), NEXT.get(case.stage))
        for number, case in enumerate(detail.cases, 1)
    ]
    lacking = [resident for resident in everybody if resident.case.stage is State.NEEDS_DOCUMENTS]
    number = _number(asked.get("satu", ""), len(everybody) + 1) if detail.drive else 0
    if number:
        return Slice([everybody[number - 1]], len(lacking), len(everybody), number - 1, False, one=True)
    only_lacking = "kurang" in asked
    wanted = lacking if only_lacking else everybody
    begin = _number(asked.get("warga", ""), len(wanted))
    return Slice(wanted[begin : begin + SHOWN], len(lacking), len(wanted), begin, only_lacking)


def _number(text: str, below: int) -> int:
    """A number out of an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < below else 0


def _clock(office: Office) -> str:
    return f"{clock_in(utc_now().astimezone(office.tz))} {office.zone_name}"
