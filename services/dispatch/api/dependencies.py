"""What the routes of dispatch need beside the database and the context."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.dispatch.settings import Settings
from shared.http.dependencies import provided
from shared.reference.offices import Offices


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Made once by `app.py`."""

    settings: Settings
    offices: Offices

    @classmethod
    def of(cls, settings: Settings) -> "Dependencies":
        """Those of the settings. Raises OSError or ValueError when the offices' file cannot be read."""
        return cls(settings, Offices.load(settings.offices_file))


Deps = Annotated[Dependencies, Depends(provided(Dependencies))]
