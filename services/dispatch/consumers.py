"""What dispatch hears: the letters and their cases, and which services may be printed."""

from services.dispatch.usecases import following
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

requests = Consumer("dispatch", REQUESTS)
stock = Consumer("dispatch", STOCK)


@requests.on(CaseAdded)
async def case_added(conn: Connection, message: Message[CaseAdded]) -> None:
    """A case is known."""
    await following.add_case(conn, message)


@requests.on(RequestAccepted)
async def request_accepted(conn: Connection, message: Message[RequestAccepted]) -> None:
    """Its cases may be visited."""
    await following.accept_request(conn, message.event)


@requests.on(RequestAmended)
async def request_amended(conn: Connection, message: Message[RequestAmended]) -> None:
    """A visit that no longer fits is planned anew."""
    await following.amend_case(conn, message)


@requests.on(CaseWithdrawn)
async def case_withdrawn(conn: Connection, message: Message[CaseWithdrawn]) -> None:
    """One case ends; the others of its request go on."""
    await following.withdraw_case(conn, message)


@requests.on(RequestRejected)
async def request_rejected(conn: Connection, message: Message[RequestRejected]) -> None:
    """All its cases end."""
    await following.close_request(conn, message.event, message.context, Stage.REJECTED)


@requests.on(RequestCancelled)
async def request_cancelled(conn: Connection, message: Message[RequestCancelled]) -> None:
    """All its cases end."""
    await following.close_request(conn, message.event, message.context, Stage.CANCELLED)


@requests.on(PrintEligible)
async def print_eligible(conn: Connection, message: Message[PrintEligible]) -> None:
    """The card need not wait any longer."""
    await following.lift_hold(conn, message.event)


@stock.on(RationingChanged)
async def rationing_changed(conn: Connection, message: Message[RationingChanged]) -> None:
    """The print queue keeps to what may be printed."""
    await following.remember_rationing(conn, message.event)
