"""What dispatch is told from outside."""

from shared import settings


class Settings(settings.Settings):
    """Only what every service is told."""
