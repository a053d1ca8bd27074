"""The parts that handle attachments, constructed once from the settings."""

import re
from dataclasses import dataclass

from services.requests.attachments.links import AttachmentLinks
from services.requests.attachments.object_store import ObjectStore
from services.requests.attachments.sandbox import Examiner
from services.requests.attachments.uploads import UploadLimiter
from services.requests.settings import Settings
from shared.service import BodyLimit, RouteBodyLimit

_PATH = re.compile(r"/requests/[^/]+/cases/[^/]+/attachments")


@dataclass(frozen=True, slots=True)
class AttachmentServices:
    """Receives, examines, stores and links files."""

    intake: UploadLimiter
    examiner: Examiner
    store: ObjectStore
    links: AttachmentLinks

    @classmethod
    def of(cls, settings: Settings) -> "AttachmentServices":
        """As the settings say. Raises OSError or ValueError when the service's key cannot be read."""
        links = AttachmentLinks(settings.service_key(), settings.attachment_link_seconds)
        return cls(UploadLimiter(settings.attachment_max), Examiner(), ObjectStore(settings.attachments_url), links)


def upload_limit(settings: Settings) -> RouteBodyLimit:
    """The one route whose requests are files."""
    advice = "Pilih resolusi foto atau pindai yang lebih rendah, atau kirim per halaman."
    return RouteBodyLimit("POST", _PATH, BodyLimit(settings.attachment_max, advice))
