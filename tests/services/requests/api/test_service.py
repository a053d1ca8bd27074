"""The whole service on Kafka: a filing comes out in order, and dispatch's facts come in once."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from services.requests.app import build
from services.requests.settings import Settings
from shared.contract.events import VisitScheduled
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import OFFICE, fact, key_file, letter, resident
from tests.support.kafka import read_all, send_raw
from tests.support.polling import until
from tests.support.records import record
from tests.support.serving import serve


async def test_a_filing_goes_out_and_a_visit_comes_in(
    settings: Callable[[str], Awaitable[dict[str, object]]],
    tmp_path: Path,
    token: Callable[..., dict[str, str]],
) -> None:
    given = await settings("requests")
    servers, namespace = str(given["kafka_bootstrap_servers"]), str(given["namespace"])
    headers = token(Role.OPERATOR, OFFICE)
    async with serve(build(Settings(**given, person_key_file=key_file(tmp_path)))) as client:
        filed = (await client.post("/requests", json=letter(resident(), resident()), headers=headers)).json()
        records = await read_all(servers, f"{namespace}requests", 4)
        names = [dict(r.headers)["ce_type"].decode().split(".")[2] for r in records]
        assert names == ["RequestFiled", "CaseAdded", "CaseAdded", "RequestAccepted"]
        assert {r.key.decode() for r in records} == {filed["request_id"]}
        assert [int(dict(r.headers)["ce_sequence"]) for r in records] == [1, 2, 3, 4]

        slot = {"starts_at": "2026-11-25T09:00:00+07:00", "ends_at": "2026-11-25T09:30:00+07:00"}
        event = fact(
            VisitScheduled, filed["case_ids"][0], kelurahan="17.02.06.1004", team="T1", visit_id=new_id(), **slot
        )
        made = record(event)
        message = {"value": made.value, "key": made.key, "headers": made.headers}
        await send_raw(servers, f"{namespace}cases", [message, message])

        async def is_scheduled() -> bool:
            answer = (await client.get(f"/requests/{filed['request_id']}", headers=headers)).json()
            return answer["cases"][0]["stage"] == "scheduled"

        await until(is_scheduled, what="the visit is shown")
