"""The fault harness: a whole system under faults loses and doubles nothing, and the count sees what is broken."""

import asyncio
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from threading import Thread

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from ops.faults import main, stages
from ops.faults.deck import KAFKA, POSTGRES, Kind, deal
from ops.faults.facts import facts_of
from ops.faults.findings import Findings
from ops.faults.journal import Journal
from ops.faults.mutants import Mutant
from ops.faults.topics import IDENTITY, TOPICS, Log
from ops.faults.verdict import Verdict
from ops.simulate import Command
from ops.system import SERVICES
from shared import events
from shared.auth import Role
from shared.db import TRANSIENT
from shared.ids import new_id

AT = datetime.fromisoformat("2026-04-06T08:20:00+07:00")


@pytest.mark.long
@pytest.mark.parametrize("cluster", [1, 3])
def test_ten_faults_lose_and_double_nothing(cluster: int, tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    assert main(10, 3, cluster, data=tmp_path / "system", out=out) == 0, out.read_text()
    found = json.loads(out.read_text())
    assert sum(found["faults"].values()) == 10
    assert found["commands"] > 500
    assert found["alerts_per_crossing"] == 1


@pytest.mark.long
@pytest.mark.parametrize("mutant", Mutant)
def test_a_broken_guarantee_is_found_out(mutant: Mutant, tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    assert main(12, 3, mutant=mutant, data=tmp_path / "system", out=out) == 1
    found = json.loads(out.read_text())
    assert found["doubled" if mutant is Mutant.INBOX_OFF else "lost"] > 0, found


async def test_a_session_that_ended_while_the_process_was_paused_is_trouble_that_passes(admin_dsn: str) -> None:
    """The server's farewell lies in the socket and is read before, in or after the next call."""
    for turns in range(6):
        conn = await asyncpg.connect(admin_dsn)
        await conn.fetchrow("select 1")
        # Blocks this event loop, as a pause of the process would.
        thread = Thread(target=asyncio.run, args=[end_session(admin_dsn, conn.get_server_pid())])
        thread.start()
        thread.join()
        for _ in range(turns):
            await asyncio.sleep(0)
        with pytest.raises(TRANSIENT):
            await conn.fetchrow("select 1")
        conn.terminate()


async def end_session(dsn: str, pid: int) -> None:
    conn = await asyncpg.connect(dsn)
    await conn.execute(f"select pg_terminate_backend({pid}, 5000)")
    await conn.close()


def test_the_deck_follows_from_the_seed_and_has_every_kind_for_every_target() -> None:
    faults = deal(100, 1)
    assert faults == deal(100, 1) != deal(100, 2)
    assert {fault.kind for fault in faults} == set(Kind)
    for target in (*SERVICES, POSTGRES, KAFKA):
        assert {Kind.KILL, Kind.PAUSE} <= {fault.kind for fault in faults if fault.target == target}


def test_the_reader_knows_every_topic_and_event_of_the_contract() -> None:
    assert set(TOPICS) == {topic.name for topic in events.TOPICS}
    repeatable = {"RequestAmended", "VisitRescheduled", "VisitDeferred", "RationingChanged"}
    assert set(IDENTITY) | repeatable == {event.__name__ for event in events.ALL}
    for event in events.ALL:
        assert set(IDENTITY.get(event.__name__, ())) <= event.model_fields.keys()


def filed(journal: Journal, *, complete: bool = True) -> tuple[str, str]:
    request_id, case_id = str(new_id()), str(new_id())
    body = {"kelurahan": "17.02.06.1004", "documents_complete": complete, "residents": [{"name": "Siti"}]}
    command = Command("a/file", "requests", "/requests", Role.OPERATOR, "17.02.06.1004", AT, body)
    journal.acknowledged(command, {"request_id": request_id, "case_ids": [case_id], "stage": "filed"})
    return request_id, case_id


def test_the_journal_keeps_ids_and_no_person(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", 1)
    request_id, case_id = filed(journal)
    assert case_id in journal.path.read_text()
    assert "Siti" not in journal.path.read_text()
    assert [*facts_of(journal.entries[0])] == [
        ("RequestFiled", (request_id,)),
        ("CaseAdded", (case_id,)),
        ("RequestAccepted", (request_id,)),
    ]


def record(sequence: int, event_id: str, *, partition: int = 0, key: str = "k") -> ConsumerRecord:
    headers = {"ce_id": event_id, "ce_type": "id.jemputbola.PrintReady.v1", "ce_sequence": str(sequence)}
    return ConsumerRecord(
        topic="cases",
        partition=partition,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=key.encode(),
        value=json.dumps({"case_id": key}).encode(),
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=[(name, value.encode()) for name, value in headers.items()],
    )


@pytest.mark.parametrize(
    ("arrivals", "violations"),
    [
        ([(1, "a"), (2, "b"), (1, "a"), (2, "b"), (3, "c")], 0),
        ([(1, "a"), (3, "c"), (2, "b")], 2),
        ([(2, "b")], 1),
        ([], 0),
    ],
)
def test_order_is_judged_by_first_appearances(arrivals: list[tuple[int, str]], violations: int) -> None:
    log = Log()
    for sequence, event_id in arrivals:
        log.add(record(sequence, event_id))
    log.judge_order()
    assert len(log.disordered) == violations
    assert log.records == len(arrivals)


def test_what_is_missing_is_lost_and_what_is_there_twice_or_unasked_is_doubled() -> None:
    findings = Findings()
    findings.compare("thing", [("a",), ("b",), ("c",)], Counter({("a",): 1, ("b",): 2, ("d",): 1}))
    assert findings.lost == ["thing c"]
    assert findings.doubled == ["thing b (2 times)", "thing d (unasked)"]


def test_a_case_stands_where_its_last_command_says(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl", 1)
    _, case_id = filed(journal, complete=False)
    assert stages.expected(journal, Log())[case_id] == {"filed"}
    command = Command("a/prr", "dispatch", f"/cases/{case_id}/print-ready", Role.PRINT_OPERATOR, "17.02", AT)
    journal.acknowledged(command, {})
    assert stages.expected(journal, Log())[case_id] == {"print_ready"}


def test_only_a_clean_sheet_is_green() -> None:
    assert Verdict(1, 1, 1, alerts_per_crossing=1).green
    assert not Verdict(1, 1, 1, alerts_per_crossing=0).green
    assert not Verdict(1, 1, 1, alerts_per_crossing=1, lost=1).green
    assert not Verdict(1, 1, 1, alerts_per_crossing=1, broke="Turned").green
