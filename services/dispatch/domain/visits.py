"""A visit: one team at one resident, once."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.dispatch.domain.cases import Needs
from shared.contract.fields import CaseId, Outcome, TeamCode, VisitId
from shared.problems import Conflict
from shared.reference.device_time import AHEAD, too_early
from shared.reference.offices import Team


class VisitState(StrEnum):
    """What holds for a visit. RELEASED: it was promised, no longer fits, and gets another time."""

    PLANNED = "planned"
    RELEASED = "released"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (VisitState.PLANNED, VisitState.RELEASED)


@dataclass(frozen=True, slots=True)
class Visit:
    """A case has at most one visit that is PLANNED or RELEASED."""

    id: VisitId
    case_id: CaseId
    state: VisitState
    team: TeamCode
    starts_at: datetime
    ends_at: datetime
    outcome: Outcome | None = None
    outcome_at: datetime | None = None

    def complete(self, outcome: Outcome, at: datetime) -> "Visit":
        """What came of it; the same again changes nothing. Raises Conflict for another outcome or if cancelled."""
        if self.state is VisitState.CANCELLED:
            raise Conflict("Kunjungan ini sudah dibatalkan.", field="visit_id", rule="kunjungan batal tidak berhasil")
        if self.state is VisitState.DONE:
            if outcome is not self.outcome:
                raise Conflict(
                    f"Hasil kunjungan ini sudah dicatat: {self.outcome}.",
                    field="outcome",
                    rule="satu kunjungan satu hasil",
                )
            return self
        return replace(self, state=VisitState.DONE, outcome=outcome, outcome_at=at)

    def must_have_begun(self, at: datetime, now: datetime) -> None:
        """Raises WrongClock (422) for an outcome whose time is long before the visit; a team may come a day early."""
        if self.state is VisitState.PLANNED and self.starts_at - at > AHEAD:
            raise too_early(at, self.starts_at, now, "kunjungan dimulai")


def can_serve(team: Team, needs: Needs) -> bool:
    """Whether a team has the people and the skills for a visit."""
    return team.size >= needs.team_size and team.skills >= needs.skills


def still_fits(before: Needs, after: Needs) -> bool:
    """Whether a visit that was promised for some needs holds for others: same place, and nothing more needed."""
    return (
        after.kelurahan == before.kelurahan
        and after.minutes <= before.minutes
        and after.team_size <= before.team_size
        and after.skills <= before.skills
    )
