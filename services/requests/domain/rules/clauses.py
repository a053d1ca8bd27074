"""The kinds of rules a policy has. Each has its source and its sentence in two languages.

What is `binding` is set by law: an office may ask for more than the shipped rule, never for less.
"""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.requests.domain.eligibility import RECORDING_AGE
from shared.contract import fields as f
from shared.contract.fields import RequestKind, Skill, Urgency

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=300)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=160)]
AtHome = Annotated[int, Field(ge=0, le=240)]


class Clause(BaseModel):
    """A rule of the policy: where it comes from, and what whoever breaks it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: Source
    id: Sentence
    en: Sentence
    binding: bool = False

    def weaker_than(self, shipped: Self) -> bool:
        """Whether it asks for less than the shipped rule does."""
        return False


class Check(Clause):
    """A rule that a request keeps or breaks."""

    applies: bool = True

    def weaker_than(self, shipped: Self) -> bool:
        """It does not apply any more."""
        return shipped.applies and not self.applies


class Paper(Clause):
    """A paper for a service: required, or only welcome."""

    required: bool
    when: Literal["always", "married_under_age"] = "always"
    """Of everybody, or of those who may have a card before its age because they are or were married."""

    def weaker_than(self, shipped: Self) -> bool:
        """Fewer must show it."""
        return shipped.required and not (self.required and self.when in ("always", shipped.when))


class Age(Clause):
    """Full years."""

    years: Annotated[int, Field(ge=RECORDING_AGE, le=150)]

    def weaker_than(self, shipped: Self) -> bool:
        """An age set by law is neither raised nor lowered: later would keep from residents what is theirs."""
        return self.years != shipped.years


class Permission(Clause):
    """A reason that is accepted, or is not."""

    permitted: bool

    def weaker_than(self, shipped: Self) -> bool:
        """It is accepted here only."""
        return self.permitted and not shipped.permitted


class Limit(Clause):
    """How long a stage may last."""

    days: Annotated[int, Field(ge=0, le=366)] = 0
    hours: Annotated[int, Field(ge=0, le=366 * 24)] = 0

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not self.span:
            raise ValueError("days or hours, more than none")
        return self

    @property
    def span(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(days=self.days, hours=self.hours)

    def weaker_than(self, shipped: Self) -> bool:
        """It lasts longer."""
        return self.span > shipped.span


class Window(Clause):
    """Hours of the window in which a family is told to expect the officers; 0 is half a day."""

    hours: Annotated[int, Field(ge=0, le=12)]


class Minutes(Clause):
    """What a service takes, by the kind of visit."""

    home_visit: Annotated[int, Field(ge=1, le=240)]
    drive: Annotated[int, Field(ge=1, le=240)]

    def of(self, kind: RequestKind) -> int:
        """Minutes for one resident."""
        return self.drive if kind is RequestKind.DRIVE else self.home_visit


class ReasonEffort(Clause):
    """What a reason adds to the minutes, and what it asks of the team."""

    home_visit: AtHome
    drive: AtHome
    team_size: f.TeamSize
    skills: frozenset[Skill]
    urgency: Urgency

    def of(self, kind: RequestKind) -> int:
        """Minutes more for one resident."""
        return self.drive if kind is RequestKind.DRIVE else self.home_visit
