"""What a simulation left to be done: its own agenda's steps, and what dispatch has promised or still owes."""

from collections import Counter
from datetime import date, timedelta

from lab.simulate.outcome.story import Pending
from lab.simulate.simulator import Simulator
from services.dispatch.domain.planning import HORIZON
from shared.contract.fields import DeferralReason
from shared.security.auth import Role

Left = Counter[tuple[str, date | None]]
MOST_WAITING = 1000
"""What one page of dispatch holds; of more, those that wait longest are counted."""


async def of(simulator: Simulator) -> list[Pending]:
    """Everything, by kind and day."""
    left: Left = Counter()
    for agenda in (simulator.agenda, simulator.kelurahan_office.agenda):
        left.update({(str(work), day): count for (work, day), count in agenda.left().items()})
    left.update(await _visits(simulator))
    left.update(await _waiting(simulator))
    left.update(("lacking", None) for case in simulator.cases.values() if case.missing and not case.ended)
    ordered = sorted(left.items(), key=lambda item: (item[0][0], item[0][1] or date.max))
    return [Pending(work, count, due) for (work, due), count in ordered]


async def print_queue(simulator: Simulator) -> int:
    """Cards that dispatch holds ready to be printed, rationed ones and those of a later birthday too."""
    office = simulator.city.office
    queue = await simulator.client.get(
        "dispatch", "/print-queue", Role.PRINT_OPERATOR, office, office=office, limit="1"
    )
    ready: int = queue["ready"]
    return ready


async def _visits(simulator: Simulator) -> Left:
    """Visits without an outcome, of the days that were and as far ahead as visits are promised."""
    office, found = simulator.city.office, Left()
    day, end = simulator.figures[0].day, simulator.figures[-1].day + HORIZON
    while day <= end:
        answer = await simulator.client.get(
            "dispatch", "/visits", Role.OFFICER, office, office=office, day=day.isoformat()
        )
        found["visit", day] += sum(visit["outcome"] is None for visit in answer["items"])
        day += timedelta(days=1)
    return +found


async def _waiting(simulator: Simulator) -> Left:
    """Accepted cases without a visit. Each got a visit or a reason at the last evening's tick."""
    office, last_day = simulator.city.office, simulator.figures[-1].day
    answer = await simulator.client.get(
        "dispatch", "/waiting", Role.DISPATCHER, office, office=office, limit=str(MOST_WAITING)
    )
    found = Left()
    for case in answer["items"]:
        match case["reason"]:
            case None:
                found["unplanned", last_day] += 1
            case DeferralReason.OUTCOME:
                found["undecided", None] += 1
            case _:
                found["no_slot", None] += 1
    return found
