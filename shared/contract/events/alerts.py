"""Events of the topic `alerts`: alerts to the province about its offices. Published by the service notify."""

from shared.contract import fields as f
from shared.contract.events.base import Event
from shared.contract.topics import ALERTS


class AlertEvent(Event):
    """An event about an alert to a province on one of its offices."""

    topic = ALERTS
    office: f.OfficeCode
    province: f.ProvinceCode


class AlertRaised(AlertEvent):
    """An office's stock reached a level at which the province must act."""

    alert_id: f.AlertId
    level: f.StockLevel
    crossing: f.Ordinal


class AlertAcknowledged(AlertEvent):
    """A provincial officer acknowledged the alert."""

    alert_id: f.AlertId


class AlertEscalated(AlertEvent):
    """Nobody acknowledged the alert in time, or no shipment followed: the next contact was notified."""

    alert_id: f.AlertId
    step: f.Ordinal


class AlertResolved(AlertEvent):
    """The office's stock recovered, and the alert is closed."""

    alert_id: f.AlertId


class ShipmentApproved(AlertEvent):
    """The province approved a shipment; inventory checks the provincial store and ships."""

    shipment_id: f.ShipmentId
    quantity: f.Quantity
