"""What requests is told from outside."""

from pathlib import Path

from pydantic import Field

from shared import settings


class Settings(settings.Settings):
    """What every service is told, the keyring of the persons, and how long they are kept."""

    person_key_file: Path
    """The master keys, a line each: `id:base64` of 32 random bytes, the last one in use. Whoever has them and the
    database reads the persons; without them nobody does."""
    retention_file: Path | None = None
    """Replaces the retention policy shipped with the project."""
    audit_seal_seconds: float = Field(default=5, gt=0, le=3600)
    """How long a reading of a person waits, at most, until the chain of digests covers it."""
