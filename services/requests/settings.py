"""What requests is told from outside."""

from pathlib import Path

from shared import settings


class Settings(settings.Settings):
    """What every service is told, and the key of the persons."""

    person_key_file: Path
    """32 random bytes in base64. Whoever has them reads the persons; without them nobody does."""
