"""Reads all about a request from the four databases."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from ops.admin.connections import database, query_each, require_all
from ops.admin.trace.facts import Rows, facts
from ops.admin.trace.model import AlertTrace, CaseTrace, DeadLetterTrace, RequestTrace
from ops.admin.trace.stage_times import legal, stage_times
from ops.system.discovery import Reachable
from services.dispatch import maintenance as dispatch
from services.inventory import maintenance as inventory
from services.notify import maintenance as notify
from services.requests import maintenance as requests
from services.requests.domain.rules.policy import Policies
from services.requests.domain.stages import UNPRINTED, State, Wait, state_of, state_of_all
from shared.contract.fields import Stage
from shared.database.connection import Session
from shared.messaging import dead_letter_queue
from shared.system_clock import utc_now

SLOW = timedelta(seconds=30)
_OUTBOX = """
select o.event_id, o.key, o.sequence, o.recorded_at, o.headers, o.value,
    (o.id <= m.floor or pg_visible_in_snapshot(o.xid, m.published::pg_snapshot)
        or (m.window_ is not null and o.id <= m.upto and pg_visible_in_snapshot(o.xid, m.window_::pg_snapshot))
    ) as published
from outbox o, relay_mark m where o.topic = $1 and o.key = any($2) order by o.id
"""


async def trace_request(where: Reachable, request_id: UUID) -> RequestTrace:
    """The trace of a request that exists. Raises PlatformError when a database does not answer."""
    rows = Rows()
    await _read_requests(where, rows, request_id)
    await _read_dispatch(where, rows)
    async with database(where, "inventory") as conn:
        prints = [row["print_id"] for row in rows.prints]
        rows.movements = await inventory.movements_of(conn, prints)
        rows.destructions = await inventory.destructions_of(conn, prints)
    found = _request(rows)
    found.facts = facts(rows)
    found.prints_without_movement = [p for p in prints if p not in rows.movements]
    await _read_notify(where, found)
    await _read_dead_letters(where, found)
    found.remarks = _remarks(found)
    return found


async def _read_requests(where: Reachable, rows: Rows, request_id: UUID) -> None:
    async with database(where, "requests") as conn:
        found = await requests.rows_of(conn, request_id)
        rows.request, rows.cases, rows.steps = found.request, found.cases, found.steps
        rows.overdue, rows.now = found.overdue, found.now
        rows.stated["requests"] = await conn.fetch(_OUTBOX, "requests", [str(request_id)])


async def _read_dispatch(where: Reachable, rows: Rows) -> None:
    async with database(where, "dispatch") as conn:
        event_ids = [row["event_id"] for row in rows.stated["requests"]]
        found = await dispatch.rows_of(conn, rows.case_ids, event_ids)
        rows.dispatched, rows.prints, rows.taken_by_dispatch = found.known, found.prints, found.consumed
        rows.stated["dispatch"] = await conn.fetch(_OUTBOX, "cases", [str(case_id) for case_id in rows.case_ids])


async def _read_notify(where: Reachable, found: RequestTrace) -> None:
    start, end = found.facts[0].at, max(fact.at for fact in found.facts)
    if any(case.stage in (*UNPRINTED, Stage.PRINTED) for case in found.cases):
        end = max(end, found.now)
    async with database(where, "notify") as conn:
        alerts = await notify.alerts_between(conn, found.office, start, end)
        found.alerts = [AlertTrace(**row) for row in alerts]


async def _read_dead_letters(where: Reachable, found: RequestTrace) -> None:
    keys = [str(found.request_id), *(str(case.case_id) for case in found.cases)]
    ids = [str(fact.event_id) for fact in found.facts if fact.event_id]

    async def look(service: str, conn: Session) -> list[DeadLetterTrace]:
        letters = await dead_letter_queue.find_by_event_or_key(conn, ids, keys)
        return [DeadLetterTrace(d.id, service, d.handler, d.reason, d.state, d.event_id) for d in letters]

    answers: Mapping[str, list[DeadLetterTrace]] = require_all(await query_each(where, look))
    found.dead_letters = [letter for letters in answers.values() for letter in letters]


def _request(rows: Rows) -> RequestTrace:
    request = rows.request
    # The limits of today's policy, as the service is told it.
    own = os.environ.get("POLICY_FILE")
    policy = Policies.load(Path(own) if own else None).of(request["office"])
    cases = []
    for case in rows.cases:
        steps = [step for step in rows.steps if step["case_id"] == case["id"]]
        wait = Wait(case["waits_for"]) if case["waits_for"] else None
        state = state_of(Stage(case["stage"]), case["missing"], wait)
        known = case["id"] in rows.dispatched or not case["told"]
        traced = CaseTrace(case["id"], case["place"] + 1, case["service"], state, known)
        traced.clocks = stage_times(policy, request, case, steps, rows.now)
        cases.append(traced)
    due = request["accepted_at"] + policy.legal_limit if request["accepted_at"] else None
    printed = [row["at"] for row in rows.prints if row["kind"] == "printed"]
    return RequestTrace(
        request["id"],
        request["office"],
        request["kelurahan"],
        request["kind"],
        state_of_all([State(case.stage) for case in cases]) if cases else request["stage"],
        rows.now,
        due,
        legal(rows.cases, printed, due, rows.now),
        cases,
    )


def _remarks(found: RequestTrace) -> list[str]:
    now, said = utc_now(), []
    for fact in found.facts:
        if fact.stated_at and now - fact.stated_at > SLOW:
            if not fact.published:
                said.append(f"{fact.type} belum diterbitkan: `python -m ops outbox status`")
            said += [f"{fact.type} belum diambil {group}: `python -m ops lag`" for group in fact.untaken]
    said += [f"cetakan {print_id} belum ada di buku besar" for print_id in found.prints_without_movement]
    said += [f"berkas {case.place} belum dikenal dispatch" for case in found.cases if not case.known_to_dispatch]
    said += [
        f"pesan tersisih {str(d.id)[-12:]} di {d.service}: `python -m ops dlq show {str(d.id)[-12:]}`"
        for d in found.dead_letters
        if d.state in ("open", "failed", "asked")
    ]
    return said
