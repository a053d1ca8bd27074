"""Reads a request's life out of the four databases."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from ops.mend.reach import all_of, database, each
from ops.mend.trace.clocks import clocks, legal
from ops.mend.trace.facts import Rows, facts
from ops.mend.trace.life import AlertTrace, CaseTrace, LetterTrace, Life
from ops.system.running import Reachable
from services.requests.domain.policy import Policies
from services.requests.domain.stages import UNPRINTED, State, Wait, state_of, state_of_all
from shared import clock
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
_MOVEMENTS = "select print_id, event_id, source, recorded_at from movement where print_id = any($1)"
_DESTRUCTIONS = """
select event_id, recorded_at from movement where target like '%:destroyed' and left(reference, 36) = any($1)
"""
_ALERTS = """
select alert_id, level, raised_at, resolved_at from alert
where office = $1 and raised_at <= $3 and coalesce(resolved_at, 'infinity') >= $2 order by raised_at
"""


async def life(where: Reachable, request_id: UUID) -> Life:
    """The whole life of a request that is there. Raises PlatformError when a database does not answer."""
    rows = Rows()
    await _read_requests(where, rows, request_id)
    await _read_dispatch(where, rows)
    async with database(where, "inventory") as conn:
        prints = [row["print_id"] for row in rows.prints]
        rows.movements = {row["print_id"]: row for row in await conn.fetch(_MOVEMENTS, prints)}
        gone = await conn.fetch(_DESTRUCTIONS, [str(print_id) for print_id in prints])
        rows.destructions = {row["event_id"]: row for row in gone}
    found = _request(rows)
    found.facts = facts(rows)
    found.prints_without_movement = [p for p in prints if p not in rows.movements]
    await _read_notify(where, found)
    await _read_dead_letters(where, found)
    found.remarks = _remarks(found)
    return found


async def _read_requests(where: Reachable, rows: Rows, request_id: UUID) -> None:
    async with database(where, "requests") as conn:
        rows.request = await conn.fetchrow("select * from request where id = $1", request_id)
        rows.cases = await conn.fetch(
            "select c.*, w.waits_for from case_file c left join case_wait w on w.case_id = c.id"
            " where c.request_id = $1 order by c.place",
            request_id,
        )
        rows.steps = await conn.fetch("select * from step where case_id = any($1)", rows.case_ids)
        rows.overdue = await conn.fetch("select * from overdue where request_id = $1", request_id)
        rows.stated["requests"] = await conn.fetch(_OUTBOX, "requests", [str(request_id)])
        rows.now = await clock.business_time(conn)


async def _read_dispatch(where: Reachable, rows: Rows) -> None:
    async with database(where, "dispatch") as conn:
        known = await conn.fetch("select case_id from cases where case_id = any($1)", rows.case_ids)
        rows.dispatched = {row["case_id"] for row in known}
        rows.prints = await conn.fetch("select * from print_attempt where case_id = any($1)", rows.case_ids)
        rows.stated["dispatch"] = await conn.fetch(_OUTBOX, "cases", [str(case_id) for case_id in rows.case_ids])
        taken = await conn.fetch(
            "select event_id, received_at from inbox where consumer = 'dispatch.requests' and event_id = any($1)",
            [row["event_id"] for row in rows.stated["requests"]],
        )
        rows.taken_by_dispatch = {row["event_id"]: row["received_at"] for row in taken}


async def _read_notify(where: Reachable, found: Life) -> None:
    start, end = found.facts[0].at, max(fact.at for fact in found.facts)
    if any(case.stage in (*UNPRINTED, Stage.PRINTED) for case in found.cases):
        end = max(end, found.now)
    async with database(where, "notify") as conn:
        found.alerts = [AlertTrace(**row) for row in await conn.fetch(_ALERTS, found.office, start, end)]


async def _read_dead_letters(where: Reachable, found: Life) -> None:
    keys = [str(found.request_id), *(str(case.case_id) for case in found.cases)]
    ids = [str(fact.event_id) for fact in found.facts if fact.event_id]

    async def look(service: str, conn: Session) -> list[LetterTrace]:
        letters = await dead_letter_queue.find_by_event_or_key(conn, ids, keys)
        return [LetterTrace(d.id, service, d.handler, d.reason, d.state, d.event_id) for d in letters]

    answers: Mapping[str, list[LetterTrace]] = all_of(await each(where, look))
    found.dead_letters = [letter for letters in answers.values() for letter in letters]


def _request(rows: Rows) -> Life:
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
        traced.clocks = clocks(policy, request, case, steps, rows.now)
        cases.append(traced)
    due = request["accepted_at"] + policy.legal_limit if request["accepted_at"] else None
    printed = [row["at"] for row in rows.prints if row["kind"] == "printed"]
    return Life(
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


def _remarks(found: Life) -> list[str]:
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
