"""What a simulation found out, all of it asked of the system: the story that the report tells.

Only what the seed decides stands here: no random id, no wall-clock time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass
class Day:
    """A day's figures: acknowledged commands beside what the ledger reports."""

    day: date
    working: bool
    filed: int = 0
    visits: int = 0
    at_drives: int = 0
    """Of the visits, those at drives."""
    recorded: int = 0
    prints: int = 0
    spoils: int = 0
    handed_over: int = 0
    opening: int = 0
    received: int = 0
    printed: int = 0
    spoiled: int = 0
    closing: int = 0
    reported: bool = True
    """Whether the office told its daily report."""
    low_at: int = 0
    critical_at: int = 0
    recovered_at: int = 0
    """The thresholds of the evening, in blank cards, as the service of the stock has them."""

    @property
    def balances(self) -> bool:
        """opening + received - printed - spoiled = closing."""
        return self.opening + self.received - self.printed - self.spoiled == self.closing


@dataclass
class Alert:
    """One alert to the province. The card that crossed the level depends on which print is heard first, so its
    hour is not the seed's to decide: the day is."""

    level: str
    raised: date
    answer_due: datetime
    """When the province's desk answers it at the latest."""
    told: int = 1
    """How many different webhook messages raised it."""
    crossing: int = 1
    """Which change of the office's level it is about."""
    acknowledged: datetime | None = None
    resolved: datetime | None = None


@dataclass
class Shipment:
    """One shipment from the province to the office."""

    quantity: int
    approved: datetime
    due: date
    received: datetime | None = None


@dataclass
class Pending:
    """So many steps of one kind that were not taken when the days ended. `due` is their day; None where the next
    move is a resident's or a person's, and nobody knows when."""

    work: str
    count: int
    due: date | None


@dataclass
class Step:
    """A stage that a case reached, and when."""

    stage: str
    at: datetime


@dataclass
class Place:
    """A kelurahan and how many visits it had."""

    code: str
    name: str
    kecamatan: str
    lat: float | None
    lng: float | None
    visits: int


@dataclass
class Refusal:
    """A rule that turned residents away when their letter was filed, in its own words, and where it comes from."""

    code: str
    rule: str
    english: str
    source: str
    residents: int = 0


@dataclass
class Tally:
    """What the desk of the kelurahan was answered."""

    accepted: int = 0
    """Residents whose papers are complete."""
    incomplete: int = 0
    """Residents whose papers were not, at first."""
    completed: int = 0
    """Those of them who brought the rest later."""
    warnings: int = 0
    """Things to check that stood in nobody's way."""
    tried_again: int = 0
    """Letters that were filed once more by mistake."""
    known_already: int = 0
    """How many of these were answered that the resident is on the way already."""
    cancelled: int = 0
    withdrawn: int = 0
    amended: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, errors: Sequence[Mapping[str, Any]]) -> set[int]:
        """Count what was said of residents by its rule; which of them it was, by their place in the letter."""
        refused: set[int] = set()
        for error in errors:
            of, _, rest = str(error.get("field", "")).partition(".")
            number = rest.partition(".")[0]
            if of != "residents" or not number.isdigit():
                continue
            refused.add(int(number))
            self._rule(error).residents += 1
        return refused

    def _rule(self, error: Mapping[str, Any]) -> Refusal:
        code = str(error.get("code") or error["field"].rpartition(".")[2])
        for known in self.refusals:
            if known.code == code:
                return known
        rule, english, source = (str(error.get(name) or "") for name in ("rule", "en", "source"))
        self.refusals.append(found := Refusal(code, rule, english, source))
        return found


@dataclass
class Kind:
    """Letters of one kind, and what came of them."""

    letters: int = 0
    residents: int = 0
    visits: int = 0
    recorded: int = 0


@dataclass
class Drive:
    """A visit to an institution, for many: when it was held, on how many days, and on which for the most."""

    place: str
    name: str
    kelurahan: str
    headcount: int
    residents: int
    recorded: int
    days: int = 0
    most_a_day: int = 0
    fullest: date | None = None


@dataclass
class Story:
    """Everything a reader needs to judge the weeks."""

    city: str
    name: str
    office: str
    office_name: str
    zone: str
    seed: int
    low_cover: int
    critical_cover: int
    low_at: int
    """Blank cards below which the office was low when the days began."""
    critical_at: int
    about: tuple[str, str] = ("", "")
    days: list[Day] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    timeline: list[Step] = field(default_factory=list)
    timeline_kelurahan: str = ""
    places: list[Place] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    drives: list[Drive] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    requests: int = 0
    residents: int = 0
    commands: int = 0
    on_hand: int = 0
    opening: int = 0
    pending: list[Pending] = field(default_factory=list)
    to_print: int = 0
    """Cards in the print queue, those that wait for a birthday or are rationed too."""
    webhooks: dict[str, int] = field(default_factory=dict)
    """Messages that came with a good signature, by type; "refused" counts the others."""

    @property
    def last_day(self) -> date:
        """The day in whose evening the story ends."""
        return self.days[-1].day

    def total(self, figure: str) -> int:
        """A figure of the days, summed."""
        return sum(getattr(day, figure) for day in self.days)
