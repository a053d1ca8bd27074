"""What a visit needs, in neutral codes: the reasons themselves never leave this service.

Rules of thumb of field offices: a quarter of an hour a person, and up to eight people for a visit to
somebody with a mental illness (ODGJ).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.requests.domain.people import Reason
from shared.fields import ServiceCode, Skill, Urgency

SMALLEST_TEAM = 2
LARGE_TEAM = 8


@dataclass(frozen=True, slots=True)
class Effort:
    """What dispatch must know to plan one resident's part of a visit."""

    minutes: int
    team_size: int
    skills: tuple[Skill, ...]
    urgency: Urgency


MINUTES = {
    ServiceCode.FIRST: 15,
    ServiceCode.PHOTO: 15,
    # The record is there already: identity is checked and the old card or the papers are taken.
    ServiceCode.LOST: 10,
    ServiceCode.DAMAGED: 10,
    ServiceCode.DATA_CHANGE: 10,
    ServiceCode.MOVE_IN: 10,
}
BY_REASON = {
    Reason.ELDERLY: Effort(5, SMALLEST_TEAM, (), Urgency.RAISED),
    Reason.DISABLED: Effort(10, SMALLEST_TEAM, (Skill.ACCESSIBLE,), Urgency.RAISED),
    Reason.MENTAL_ILLNESS: Effort(15, LARGE_TEAM, (Skill.LARGE_TEAM,), Urgency.RAISED),
    Reason.ILL: Effort(5, SMALLEST_TEAM, (), Urgency.HIGH),
    Reason.INMATE: Effort(0, SMALLEST_TEAM, (Skill.ESCORT,), Urgency.NORMAL),
    Reason.OTHER: Effort(0, SMALLEST_TEAM, (), Urgency.NORMAL),
}
"""What a reason adds to the minutes of the service, and what it asks of the team."""


def effort_of(service: ServiceCode, reason: Reason, needs: Iterable[Skill]) -> Effort:
    """The effort for one resident; `needs` of the letter come on top of those of the reason."""
    by_reason = BY_REASON[reason]
    skills = {*by_reason.skills, *needs}
    return Effort(
        minutes=MINUTES[service] + by_reason.minutes,
        team_size=LARGE_TEAM if Skill.LARGE_TEAM in skills else by_reason.team_size,
        skills=tuple(skill for skill in Skill if skill in skills),
        urgency=by_reason.urgency,
    )
