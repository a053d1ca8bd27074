"""What a visit needs, in neutral codes: the reasons themselves never leave this service."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.requests.domain.people import Reason
from services.requests.domain.rules.policy import Policy
from shared.contract.fields import RequestKind, ServiceCode, Skill, Urgency


@dataclass(frozen=True, slots=True)
class Effort:
    """What dispatch must know to plan one resident's part of a visit."""

    minutes: int
    team_size: int
    skills: tuple[Skill, ...]
    urgency: Urgency


def effort_of(
    policy: Policy, kind: RequestKind, service: ServiceCode, reason: Reason, needs: Iterable[Skill]
) -> Effort:
    """The effort for one resident; `needs` of the letter come on top of those of the reason."""
    strain = policy.strains[reason]
    large = policy.strains[Reason.MENTAL_ILLNESS].team_size
    skills = {*strain.skills, *needs}
    return Effort(
        minutes=policy.minutes[service].of(kind) + strain.of(kind),
        team_size=max(strain.team_size, large) if Skill.LARGE_TEAM in skills else strain.team_size,
        skills=tuple(skill for skill in Skill if skill in skills),
        urgency=strain.urgency,
    )
