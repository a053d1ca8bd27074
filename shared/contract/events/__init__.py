"""Every event of the contract, in the order in which a case meets them.

A kelurahan files a **request** (the letter) with one **case** for each resident. The request is accepted, a visit
is planned and made, the record becomes print-ready (PRR), the card is printed and handed over. Each print uses one
blank card. When few blank cards are left, notify alerts the province; the province acknowledges and approves a
shipment, and inventory ships.

Rules: a service publishes only its own events. An event carries ids, region codes and neutral codes, and no
personal data. `at` is business time: when the fact happened. Events with the same key keep their order.
"""

from shared.contract.events.alerts import (
    AlertAcknowledged,
    AlertEscalated,
    AlertEvent,
    AlertRaised,
    AlertResolved,
    ShipmentApproved,
)
from shared.contract.events.base import Event
from shared.contract.events.cases import (
    CardDestroyed,
    CardHandedOver,
    CaseClosed,
    CaseEvent,
    PrintCompleted,
    PrintReady,
    PrintSpoiled,
    RecordCaptured,
    VisitCancelled,
    VisitCompleted,
    VisitDeferred,
    VisitRescheduled,
    VisitScheduled,
    VisitsResumed,
)
from shared.contract.events.operations import MessageDeadLettered
from shared.contract.events.requests import (
    CaseAdded,
    CaseWithdrawn,
    PrintEligible,
    RequestAccepted,
    RequestAmended,
    RequestCancelled,
    RequestEvent,
    RequestFiled,
    RequestOverdue,
    RequestRejected,
)
from shared.contract.events.stock import (
    RationingChanged,
    ShipmentCountCorrected,
    ShipmentDispatched,
    ShipmentReceived,
    StockCritical,
    StockEvent,
    StockLevelEvent,
    StockLow,
    StockOut,
    StockRecovered,
    StockReportCorrected,
    StockReported,
)
from shared.contract.topics import ALERTS, CASES, DEAD_LETTERS, PARTITIONS, REQUESTS, STOCK, TOPICS, Topic

ALL: tuple[type[Event], ...] = (
    # requests: the letter
    RequestFiled,
    CaseAdded,
    CaseWithdrawn,
    RequestAmended,
    RequestAccepted,
    RequestRejected,
    RequestCancelled,
    RequestOverdue,
    PrintEligible,
    # cases: the visit, the record, the card
    VisitScheduled,
    VisitRescheduled,
    VisitDeferred,
    VisitsResumed,
    VisitCancelled,
    VisitCompleted,
    RecordCaptured,
    PrintReady,
    PrintCompleted,
    PrintSpoiled,
    CardHandedOver,
    CardDestroyed,
    CaseClosed,
    # stock: the blank cards of an office
    StockLow,
    StockCritical,
    StockOut,
    StockRecovered,
    StockReported,
    StockReportCorrected,
    RationingChanged,
    ShipmentDispatched,
    ShipmentReceived,
    ShipmentCountCorrected,
    # alerts: the provincial office
    AlertRaised,
    AlertAcknowledged,
    AlertEscalated,
    AlertResolved,
    ShipmentApproved,
    # operations
    MessageDeadLettered,
)
"""Every event class that is published."""
