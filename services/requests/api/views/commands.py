"""What callers are answered who decide of a request, or correct it."""

from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.people import Document
from services.requests.domain.stages import State
from shared.contract import fields as f


class StageView(BaseModel):
    """Where a request stands after a command."""

    request_id: UUID
    stage: State


class AcceptedView(BaseModel):
    """A request that was accepted, and its cases that waited for papers until then."""

    request_id: UUID
    stage: f.Stage
    case_ids: list[UUID]


class DocumentsView(BaseModel):
    """A case after papers were shown."""

    request_id: UUID
    case_id: UUID
    stage: State
    missing: list[Document]


class AmendedView(BaseModel):
    """Which fields were changed, whether dispatch was told of it, and where a case stands then."""

    request_id: UUID
    case_id: UUID | None = None
    fields: list[str]
    version: int
    """Of the case, or of the letter, from now on."""
    told: bool
    stage: State | None = None
    missing: list[Document] = []


class WithdrawnView(BaseModel):
    """A case that was withdrawn."""

    request_id: UUID
    case_id: UUID
    stage: State
