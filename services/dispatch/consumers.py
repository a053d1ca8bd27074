"""What dispatch consumes: the letters of requests with their cases, and which services inventory lets it print.

The handlers' names are the labels of metrics, and the groups' names those of committed offsets: both stay.
"""

from services.dispatch.usecases import case_updates
from shared.contract.envelope import Message
from shared.contract.events import (
    REQUESTS,
    STOCK,
    CaseAdded,
    CaseWithdrawn,
    PrintEligible,
    RationingChanged,
    RequestAccepted,
    RequestAmended,
    RequestCancelled,
    RequestRejected,
)
from shared.contract.fields import Stage
from shared.database.connection import Connection
from shared.messaging.consumer import Consumer


def consumers() -> list[Consumer]:
    """The consumer groups dispatch.requests and dispatch.stock."""
    return [_requests(), _stock()]


def _requests() -> Consumer:
    requests = Consumer("dispatch", REQUESTS)

    @requests.on(CaseAdded)
    async def case_added(conn: Connection, message: Message[CaseAdded]) -> None:
        await case_updates.add_case(conn, message)

    @requests.on(RequestAccepted)
    async def request_accepted(conn: Connection, message: Message[RequestAccepted]) -> None:
        await case_updates.accept_request(conn, message.event)

    @requests.on(RequestAmended)
    async def request_amended(conn: Connection, message: Message[RequestAmended]) -> None:
        await case_updates.amend_case(conn, message)

    @requests.on(CaseWithdrawn)
    async def case_withdrawn(conn: Connection, message: Message[CaseWithdrawn]) -> None:
        await case_updates.withdraw_case(conn, message)

    @requests.on(RequestRejected)
    async def request_rejected(conn: Connection, message: Message[RequestRejected]) -> None:
        await case_updates.close_request(conn, message.event, message.context, Stage.REJECTED)

    @requests.on(RequestCancelled)
    async def request_cancelled(conn: Connection, message: Message[RequestCancelled]) -> None:
        await case_updates.close_request(conn, message.event, message.context, Stage.CANCELLED)

    @requests.on(PrintEligible)
    async def print_eligible(conn: Connection, message: Message[PrintEligible]) -> None:
        await case_updates.lift_hold(conn, message.event)

    return requests


def _stock() -> Consumer:
    stock = Consumer("dispatch", STOCK)

    @stock.on(RationingChanged)
    async def rationing_changed(conn: Connection, message: Message[RationingChanged]) -> None:
        await case_updates.store_rationing(conn, message.event)

    return stock
