"""What a simulation found out, all of it asked of the system: the story that the report tells.

Only what the seed decides stands here: no random id, no wall-clock time.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass
class Day:
    """A day's figures: acknowledged commands beside what the ledger reports."""

    day: date
    working: bool
    filed: int = 0
    visits: int = 0
    recorded: int = 0
    prints: int = 0
    spoils: int = 0
    handed_over: int = 0
    opening: int = 0
    received: int = 0
    printed: int = 0
    spoiled: int = 0
    closing: int = 0

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
    days: list[Day] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    timeline: list[Step] = field(default_factory=list)
    timeline_kelurahan: str = ""
    places: list[Place] = field(default_factory=list)
    requests: int = 0
    residents: int = 0
    commands: int = 0
    on_hand: int = 0
    opening: int = 0
    webhooks: dict[str, int] = field(default_factory=dict)
    """Messages that came with a good signature, by type; "refused" counts the others."""

    def total(self, figure: str) -> int:
        """A figure of the days, summed."""
        return sum(getattr(day, figure) for day in self.days)

    def problems(self) -> list[str]:
        """What is not as it must be, for people; empty when all is well."""
        found = [f"laporan {day.day} tidak seimbang" for day in self.days if not day.balances]
        for ours, theirs, word in (("prints", "printed", "cetakan"), ("spoils", "spoiled", "blanko rusak")):
            if self.total(ours) != self.total(theirs):
                found.append(f"{word}: {self.total(ours)} diterima, {self.total(theirs)} di buku besar")
        balance = self.total("received") - self.total("printed") - self.total("spoiled")
        if balance != self.on_hand:
            found.append(f"buku besar tidak seimbang: {balance} menurut laporan, {self.on_hand} di stok")
        return found + self._alert_problems()

    def _alert_problems(self) -> list[str]:
        low = [alert for alert in self.alerts if alert.level == "low"]
        found = []
        if len(low) != 1:
            found.append(f"peringatan MENIPIS dibuat {len(low)} kali, seharusnya tepat satu kali")
        if any(alert.acknowledged is None for alert in self.alerts):
            found.append("ada peringatan yang tidak ditanggapi")
        if not self.shipments:
            found.append("tidak ada kiriman")
        if any(shipment.received is None for shipment in self.shipments):
            found.append("ada kiriman yang belum diterima")
        return found

    def to_json(self) -> str:
        """The same story gives the same bytes."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(type(value).__name__)
