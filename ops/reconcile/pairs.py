"""What one service knows and another must know: a table, one row a pair."""

from typing import NamedTuple

from ops.reconcile.findings import Finding, lacking
from ops.reconcile.snapshots import Held


class Pair(NamedTuple):
    """Whatever `knows` knows (of the question `there`), `lacks` must know (of the question `here`)."""

    kind: str
    knows: str
    there: str
    lacks: str
    here: str
    remedy: str
    flow: str | None = None


QUESTIONS = {
    "requests": {
        "requests": "select id from request",
        "cases": "select id, request_id from case_file where told",
        "steps": "select case_id::text || '/' || sequence, stage from step",
        "steps of cases": "select distinct on (case_id) case_id, stage from step order by case_id, sequence desc",
    },
    "dispatch": {
        "requests": "select request_id, kelurahan, to_char(min(filed_at), 'YYYY-MM-DD HH24:MI'), count(*) || ' cases'"
        " from cases where stage not in ('handed_over', 'rejected', 'cancelled') group by request_id, kelurahan",
        "cases": "select case_id, stage from cases",
        "prints": "select print_id, case_id, kind, station, serial from print_attempt",
        "destroyed": "select print_id, case_id, cause from destroyed_card",
        "rationing": "select office, state_version, active from rationing",
        "told of requests": "select request_id, max(greatest(position, told)) from cases group by request_id",
    },
    "inventory": {
        "prints": "select print_id, place, kind, serial, at from movement where print_id is not null",
        "destroyed": "select left(reference, 36), place, at from movement where target like '%:destroyed'",
        "approved": "select id, office, approved from shipment",
        "dispatched": "select id, office, dispatched from shipment where dispatched is not null",
        "received": "select id, office, received from shipment where received is not null",
        "offices": "select office, level, crossing, state_version, rationing from office_stock",
        "reports": "select distinct office || ' ' || day from report",
    },
    "notify": {
        "approved": "select shipment_id, office, approved from shipment where approved is not null",
        "dispatched": "select shipment_id, office, dispatched from shipment where dispatched is not null",
        "received": "select shipment_id, office, received from shipment where received is not null",
        "offices": "select office, level, crossing from standing",
        "reports": "select office || ' ' || reported_day from standing where reported_day is not null",
    },
}

REFILL = "stop {0}, `python -m ops reconcile --refill {0}`, start it"

PAIRS = (
    Pair(
        *("request unknown to requests", "dispatch", "requests", "requests", "requests"),
        "the persons are gone with it: have the kelurahan file its letter of that day (UTC) again;"
        " `python -m ops reconcile --withdraw` ends the old cases unless one was recorded: those go on to the card",
    ),
    Pair(
        *("case unknown to dispatch", "requests", "cases", "dispatch", "cases"),
        *(REFILL.format("dispatch"), "dispatch.requests"),
    ),
    Pair(
        *("steps of a case unknown to dispatch", "requests", "steps of cases", "dispatch", "cases"),
        *(REFILL.format("dispatch"), "dispatch.requests"),
    ),
    Pair(
        *("print without a movement", "dispatch", "prints", "inventory", "prints"),
        *(REFILL.format("inventory"), "inventory.cases"),
    ),
    Pair(
        *("movement without a print", "inventory", "prints", "dispatch", "prints"),
        "the card exists: enter the print again in dispatch, under the same print_id and serial",
    ),
    Pair(
        *("destroyed card without a movement", "dispatch", "destroyed", "inventory", "destroyed"),
        *(REFILL.format("inventory"), "inventory.cases"),
    ),
    Pair(
        *("destruction without its card", "inventory", "destroyed", "dispatch", "destroyed"),
        "the card is gone: enter its destruction again in dispatch, under the same print_id",
    ),
    Pair(
        *("approved shipment unknown to inventory", "notify", "approved", "inventory", "approved"),
        *(REFILL.format("inventory"), "inventory.alerts"),
    ),
    Pair(
        *("shipment without an approval", "inventory", "approved", "notify", "approved"),
        "nothing: it is on its way; the province's own letter is the approval now",
    ),
    Pair(
        *("dispatched shipment unknown to notify", "inventory", "dispatched", "notify", "dispatched"),
        *(REFILL.format("notify"), "notify.stock"),
    ),
    Pair(
        *("dispatched shipment forgotten by inventory", "notify", "dispatched", "inventory", "dispatched"),
        "enter the receipts of the provincial store again: it is then dispatched by itself",
    ),
    Pair(
        *("received shipment unknown to notify", "inventory", "received", "notify", "received"),
        *(REFILL.format("notify"), "notify.stock"),
    ),
    Pair(
        *("received shipment forgotten by inventory", "notify", "received", "inventory", "received"),
        "the office receives it again in inventory, with the same number of cards",
    ),
    Pair(
        *("report forgotten by inventory", "notify", "reports", "inventory", "reports"),
        "enter receipts and tray loads of those days again; the days are closed again at the next tick",
    ),
)


def check(held: Held) -> list[Finding]:
    """All rows of the table."""
    return [
        lacking(
            pair.kind,
            pair.lacks,
            pair.remedy,
            held[pair.knows].answers[pair.there],
            held[pair.lacks].answers[pair.here],
            pair.flow,
        )
        for pair in PAIRS
    ]
