"""What one service knows and another must know: a table, one row a pair."""

from typing import NamedTuple

from ops.reconcile.findings import Finding, lacking
from ops.reconcile.snapshots import Snapshots


class Expectation(NamedTuple):
    """Whatever `knows` knows (by its question `there`), `lacks` must know (by its question `here`)."""

    kind: str
    knows: str
    there: str
    lacks: str
    here: str
    remedy: str
    flow: str | None = None


REWIND = "stop {0}, `python -m ops reconcile --rewind {0}`, start it"

EXPECTATIONS = (
    Expectation(
        *("request unknown to requests", "dispatch", "requests", "requests", "requests"),
        "the persons are gone with it: have the kelurahan file its letter of that day (UTC) again;"
        " `python -m ops reconcile --cancel-orphans` ends the old cases unless one was recorded: those go on",
    ),
    Expectation(
        *("case unknown to dispatch", "requests", "cases", "dispatch", "cases"),
        *(REWIND.format("dispatch"), "dispatch.requests"),
    ),
    Expectation(
        *("steps of a case unknown to dispatch", "requests", "steps of cases", "dispatch", "cases"),
        *(REWIND.format("dispatch"), "dispatch.requests"),
    ),
    Expectation(
        *("print without a movement", "dispatch", "prints", "inventory", "prints"),
        *(REWIND.format("inventory"), "inventory.cases"),
    ),
    Expectation(
        *("movement without a print", "inventory", "prints", "dispatch", "prints"),
        "the card exists: enter the print again in dispatch, under the same print_id and serial",
    ),
    Expectation(
        *("destroyed card without a movement", "dispatch", "destroyed", "inventory", "destroyed"),
        *(REWIND.format("inventory"), "inventory.cases"),
    ),
    Expectation(
        *("destruction without its card", "inventory", "destroyed", "dispatch", "destroyed"),
        "the card is gone: enter its destruction again in dispatch, under the same print_id",
    ),
    Expectation(
        *("approved shipment unknown to inventory", "notify", "approved", "inventory", "approved"),
        *(REWIND.format("inventory"), "inventory.alerts"),
    ),
    Expectation(
        *("shipment without an approval", "inventory", "approved", "notify", "approved"),
        "nothing: it is on its way; the province's own letter is the approval now",
    ),
    Expectation(
        *("dispatched shipment unknown to notify", "inventory", "dispatched", "notify", "dispatched"),
        *(REWIND.format("notify"), "notify.stock"),
    ),
    Expectation(
        *("dispatched shipment forgotten by inventory", "notify", "dispatched", "inventory", "dispatched"),
        "enter the receipts of the provincial store again: it is then dispatched by itself",
    ),
    Expectation(
        *("received shipment unknown to notify", "inventory", "received", "notify", "received"),
        *(REWIND.format("notify"), "notify.stock"),
    ),
    Expectation(
        *("received shipment forgotten by inventory", "notify", "received", "inventory", "received"),
        "the office receives it again in inventory, with the same number of cards",
    ),
    Expectation(
        *("report forgotten by inventory", "notify", "reports", "inventory", "reports"),
        "enter receipts and tray loads of those days again; the days are closed again at the next tick",
    ),
)


def check(snapshots: Snapshots) -> list[Finding]:
    """All rows of the table."""
    return [
        lacking(
            pair.kind,
            pair.lacks,
            pair.remedy,
            snapshots[pair.knows].answers[pair.there],
            snapshots[pair.lacks].answers[pair.here],
            pair.flow,
        )
        for pair in EXPECTATIONS
    ]
