"""The JSON routes of notify."""

from services.notify.api import alerts, shipments, subscriptions

ROUTERS = (alerts.router, shipments.router, subscriptions.router)
