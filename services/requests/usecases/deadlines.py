"""What becomes due as business time passes: limits of a stage, 17th birthdays, and codes for cases without one."""

from datetime import datetime, timedelta
from itertools import groupby

from services.requests.domain.rules.policy import Policies
from services.requests.domain.stages import due
from services.requests.encryption import Vault
from services.requests.store import letters, limits, people
from services.requests.store.people import PersonCase
from services.requests.usecases import SERVICE, tracking
from shared.contract.envelope import MessageContext
from shared.contract.events import PrintEligible, RequestEvent, RequestOverdue
from shared.contract.fields import Stage
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.reference.offices import Office, Offices

LOOK_BACK = 2 * 366
"""Days of birthdays looked for: recorded at 16, a card waits a year at most, and ticks may have stopped."""


async def apply_due(conn: Connection, offices: Offices, policies: Policies, vault: Vault, at: datetime) -> None:
    """Publish each passed limit once a stage, and each 17th birthday once; the same tick again publishes nothing."""
    # Letters are locked before cases, as commands lock them.
    overdue = await limits.tell(conn, await limits.take_due(conn, at), at)
    grown = await _turned_17(conn, offices, vault, at)
    due_at = [(case.case_id, due(policies.of(case.office), Stage.PRINT_READY, at)) for case in grown]
    await letters.release_print(conn, due_at)
    events: list[RequestEvent] = [
        PrintEligible(at=at, request_id=case.request_id, case_id=case.case_id, office=case.office) for case in grown
    ]
    events += [
        RequestOverdue(at=at, request_id=o.request_id, office=o.office, stage=o.stage, due_at=o.due_at)
        for o in overdue
    ]
    await outbox.add(conn, SERVICE, MessageContext.new(), events)
    await tracking.number(conn)


async def _turned_17(conn: Connection, offices: Offices, vault: Vault, at: datetime) -> list[PersonCase]:
    """The days are searched by their blind indexes: no birthday stands in the database in the clear."""

    def zone(office: Office) -> str:
        return office.zone

    grown = []
    keys = await vault.look(conn)
    for _, together in groupby(sorted(offices, key=zone), key=zone):
        group = list(together)
        today = group[0].day_of(at)
        days = keys.days([today - timedelta(days=ago) for ago in range(LOOK_BACK)])
        grown += await people.turned_17(conn, [office.code for office in group], days)
    return grown
