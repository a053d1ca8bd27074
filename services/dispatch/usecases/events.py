"""What the events of a case have in common."""

from datetime import datetime
from typing import Any

from services.dispatch.domain.cases import Case
from shared.contract.envelope import MessageContext

SERVICE = "dispatch"


def event_fields(case: Case, at: datetime) -> dict[str, Any]:
    """The fields that every event of a case has."""
    return {"at": at, "case_id": case.id, "request_id": case.request_id, "office": case.office}


def context_of(case: Case, context: MessageContext | None = None) -> MessageContext:
    """The context of an event of the case: the correlation id of its request, in the trace of the caller."""
    return MessageContext(correlation_id=case.correlation_id, traceparent=context.traceparent if context else None)
