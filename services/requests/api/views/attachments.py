"""What callers are answered of attachments: never what they show."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.files import FileType
from services.requests.domain.people import Document
from services.requests.store.attachments import Attachment


class AttachmentView(BaseModel):
    """A file of a case, without what it shows."""

    attachment_id: UUID
    document: Document
    type: FileType
    size: int
    """Bytes, as it is opened."""
    stored_at: datetime
    by: str

    @classmethod
    def of(cls, kept: Attachment) -> "AttachmentView":
        """The view of a file."""
        return cls.model_validate({**asdict(kept), "attachment_id": kept.id})


class AttachmentsView(BaseModel):
    """The files of a case, the oldest first."""

    items: list[AttachmentView]


class RemovedView(BaseModel):
    """A file that is gone."""

    attachment_id: UUID


class LinkView(BaseModel):
    """Where a file opens, until when."""

    url: str
    expires_at: datetime
