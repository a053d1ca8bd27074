"""All that attachments stand on, put together once."""

import re
from dataclasses import dataclass

from services.requests.attachments.links import Links
from services.requests.attachments.receiving import Intake
from services.requests.attachments.sandbox import Examiner
from services.requests.attachments.shelf import Shelf
from services.requests.settings import Settings
from shared.edge.bodies import Bound, Larger

_PATH = re.compile(r"/requests/[^/]+/cases/[^/]+/attachments")


@dataclass(frozen=True, slots=True)
class Cabinet:
    """Where files come in, are examined, kept and lent."""

    intake: Intake
    examiner: Examiner
    shelf: Shelf
    links: Links

    @classmethod
    def of(cls, told: Settings) -> "Cabinet":
        """As the settings say. Raises OSError or ValueError when the service's key cannot be read."""
        links = Links(told.service_key(), told.attachment_link_seconds)
        return cls(Intake(told.attachment_max), Examiner(), Shelf(told.attachments_url), links)


def larger(told: Settings) -> Larger:
    """The one route whose requests are files."""
    advice = "Pilih resolusi foto atau pindai yang lebih rendah, atau kirim per halaman."
    return Larger("POST", _PATH, Bound(told.attachment_max, advice))
