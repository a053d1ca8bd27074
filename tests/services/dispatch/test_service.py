"""Dispatch as it runs: HTTP, Kafka and its database together."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from services.dispatch.app import build
from services.dispatch.settings import Settings
from shared.contract.events import CASES, REQUESTS
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.dispatch.room import EVENING, MONDAY, OFFICE, accepted, added
from tests.support.kafka import read_all, send_raw
from tests.support.polling import until
from tests.support.records import record
from tests.support.serving import serve


async def test_from_the_letter_to_the_record_over_kafka(
    settings: Callable[[str], Awaitable[dict[str, Any]]],
    stack: AsyncExitStack,
    token: Callable[..., dict[str, str]],
    bootstrap_servers: str,
    namespace: str,
) -> None:
    client = await stack.enter_async_context(serve(build(Settings(**await settings("dispatch")))))
    request_id, case_id = new_id(), new_id()
    told = [record(added(request_id, case_id)), record(accepted(request_id), sequence=2)]
    messages = [{"value": each.value, "key": each.key, "headers": each.headers} for each in [*told, *told]]
    await send_raw(bootstrap_servers, namespace + REQUESTS.name, messages)

    async def waits() -> list[Any]:
        answer = await client.get(f"/waiting?office={OFFICE}", headers=token(Role.DISPATCHER, OFFICE))
        return list(answer.json()["items"])

    [waiting] = await until(waits, what="an accepted case")
    assert (waiting["case_id"], waiting["reason"]) == (str(case_id), None)
    assert (await client.post("/clock", json={"at": EVENING}, headers=token(Role.OPS))).is_success
    query = {"office": OFFICE, "day": "2026-04-13"}
    visits = (await client.get("/visits", params=query, headers=token(Role.OFFICER, OFFICE))).json()["items"]
    assert [visit["case_id"] for visit in visits] == [str(case_id)]
    assert (await client.post("/clock", json={"at": MONDAY}, headers=token(Role.OPS))).is_success
    path, body = f"/visits/{visits[0]['visit_id']}/outcome", {"at": MONDAY, "outcome": "recorded"}
    assert (await client.post(path, json=body, headers=token(Role.OFFICER, OFFICE))).is_success

    sent = await read_all(bootstrap_servers, namespace + CASES.name, 3, timeout=60)
    types = [dict(each.headers)["ce_type"].decode().split(".")[2] for each in sent]
    assert types == ["VisitScheduled", "VisitCompleted", "RecordCaptured"]
    assert {each.key for each in sent} == {str(case_id).encode()}
    assert [dict(each.headers)["ce_sequence"] for each in sent] == [b"1", b"2", b"3"]
