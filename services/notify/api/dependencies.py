"""What the routes of notify need beside the database and the context."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.notify.domain.secret_cipher import SecretCipher
from services.notify.settings import Settings
from shared.http.dependencies import provided
from shared.reference.offices import Offices


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Made once by `app.py`."""

    settings: Settings
    offices: Offices
    secrets: SecretCipher

    @classmethod
    def of(cls, settings: Settings) -> "Dependencies":
        """Those of the settings. Raises OSError or ValueError when the offices' file or a key cannot be read."""
        return cls(settings, Offices.load(settings.offices_file), SecretCipher(settings.service_key()))


Deps = Annotated[Dependencies, Depends(provided(Dependencies))]
