"""Every line about a request or a message names its story, and its trace when that is recorded."""

from collections.abc import Awaitable, Callable

import structlog
from structlog.testing import capture_logs

from shared.contract.envelope import MessageContext
from shared.observability import logs
from tests.observability.conftest import Seen, cancelled, filed
from tests.support.records import record

log = structlog.get_logger()
RECORDED = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


async def test_lines_inside_a_message_name_its_story_and_its_trace(
    started: Callable[..., Awaitable[Seen]],
) -> None:
    async def say() -> None:
        log.info("inside")

    seen = await started(say)
    first, second, bad = MessageContext.new(RECORDED), MessageContext.new(RECORDED[:-1] + "0"), MessageContext.new()
    batch = [record(filed(), context=first), record(filed(), context=second), record(cancelled(), context=bad)]
    with capture_logs(processors=[logs._add_context]) as lines:
        await seen.consumer.process(batch)
        log.info("after")
    inside = [line for line in lines if line["event"] == "inside"]
    # The batch is taken as a whole, and again one by one because of the bad one.
    assert [line["correlation_id"] for line in inside] == [str(c.correlation_id) for c in (first, second)] * 2
    assert [line.get("trace_id") for line in inside] == ["a" * 32, None] * 2
    (buried,) = [line for line in lines if line["event"] == "dead letter"]
    assert buried["correlation_id"] == str(bad.correlation_id)
    assert "correlation_id" not in lines[-1]


async def test_lines_of_a_request_name_its_story_and_no_path(started: Callable[..., Awaitable[Seen]]) -> None:
    seen = await started()
    with capture_logs(processors=[logs._add_context]) as lines:
        answer = await seen.client.post("/clock?secret=1", headers={"traceparent": RECORDED}, json={})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["correlation_id"] == answer.headers["x-correlation-id"]
    assert line["trace_id"] == "a" * 32
    assert (line["method"], line["route"], line["status"]) == ("POST", "/clock", 401)
    assert line["ms"] >= 0
    assert "secret" not in str(lines)
