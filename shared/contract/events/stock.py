"""Events of the topic `stock`: the blank cards of an office. Published by the service inventory."""

from shared.contract import fields as f
from shared.contract.events.base import Event
from shared.contract.topics import STOCK


class StockEvent(Event):
    """An event about the blank cards of one office."""

    topic = STOCK
    office: f.OfficeCode
    province: f.ProvinceCode


class StockLevelEvent(StockEvent):
    """The office crossed a stock level; `crossing` counts the crossings of this office."""

    crossing: f.Ordinal
    on_hand: f.Balance
    cover: f.Days
    """Working days that `on_hand` lasts at `usage`."""
    usage: f.PerDay


class StockLow(StockLevelEvent):
    """The days of cover fell below the office's low threshold."""


class StockCritical(StockLevelEvent):
    """The days of cover fell below the lead time of a shipment."""


class StockOut(StockLevelEvent):
    """The office has no blank card left."""


class StockRecovered(StockLevelEvent):
    """The office has enough blank cards again."""


class StockReported(StockEvent):
    """The office's daily report to the province: opening + received - printed - spoiled = closing."""

    day: f.Day
    opening: f.Balance
    received: f.Count
    printed: f.Count
    spoiled: f.Count
    closing: f.Balance


class StockReportCorrected(StockReported):
    """A late event changed the report of a day: the full report again, with its new revision."""

    revision: f.Ordinal


class RationingChanged(StockEvent):
    """The services whose cards may be printed now: the full state with a version, published again each day."""

    state_version: f.Ordinal
    active: f.Flag
    allowed: f.Services


class ShipmentDispatched(StockEvent):
    """Blank cards left the provincial store."""

    shipment_id: f.ShipmentId
    quantity: f.Quantity


class ShipmentReceived(StockEvent):
    """The office counted a shipment: it received `quantity` of the `expected` blank cards."""

    shipment_id: f.ShipmentId
    quantity: f.Count
    expected: f.Quantity


class ShipmentCountCorrected(StockEvent):
    """The count of a shipment was wrong: the full count again, with its new revision.

    `difference` is the new quantity less the one published before.
    """

    shipment_id: f.ShipmentId
    revision: f.Ordinal
    quantity: f.Count
    expected: f.Quantity
    difference: f.Balance
