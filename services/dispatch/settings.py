"""The settings of dispatch."""

from shared import settings


class Settings(settings.Settings):
    """Only those that every service has."""
