"""The JSON routes of notify."""

from services.notify.api import alerts, recounts, shipments, subscriptions

ROUTERS = (alerts.router, recounts.router, shipments.router, subscriptions.router)
