"""What requests takes: dispatch's facts on its cases, keyed by case."""

from collections.abc import Sequence
from typing import Any

from services.requests.domain.rules.policy import Policies
from services.requests.usecases import case_progress
from shared.contract.envelope import Message
from shared.contract.events import (
    CASES,
    CardDestroyed,
    CardHandedOver,
    CaseClosed,
    PrintCompleted,
    PrintReady,
    RecordCaptured,
    VisitCancelled,
    VisitCompleted,
    VisitDeferred,
    VisitRescheduled,
    VisitScheduled,
    VisitsResumed,
)
from shared.database.connection import Connection
from shared.messaging.consumer import Consumer


def consumers(policies: Policies) -> list[Consumer]:
    """The consumer group requests.cases."""
    cases = Consumer("requests", CASES)

    # A step is known by its case and its sequence: that is the inbox.
    @cases.on_batch(
        VisitScheduled,
        VisitRescheduled,
        VisitDeferred,
        VisitsResumed,
        VisitCancelled,
        VisitCompleted,
        RecordCaptured,
        PrintReady,
        PrintCompleted,
        CardHandedOver,
        CardDestroyed,
        CaseClosed,
        own_inbox=True,
    )
    async def moved_on(conn: Connection, messages: Sequence[Message[Any]]) -> None:
        await case_progress.apply_progress(conn, policies, messages)

    return [cases]
