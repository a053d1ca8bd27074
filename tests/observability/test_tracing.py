"""One command is one trace across services, told to a real OTLP receiver; days of a request are linked."""

import asyncio
import json
from pathlib import Path

import pytest

from lab.simulate.service_client import ServiceClient
from ops.system import SERVICES, System, wait_until_quiescent
from shared.contract.envelope import Message
from shared.contract.ids import new_id
from shared.observability.tracing import Span, Tracing
from shared.settings import Settings
from tests.observability.conftest import filed
from tests.observability.errand import NAME, Errand, low_at
from tests.support.polling import until
from tests.support.servers.otlp import Receiver, Seen, receiver, tree

INTERNAL, SERVER, CONSUMER, PRODUCER = 1, 2, 5, 4
RECORDED = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
BUILD = Path(__file__).parents[2] / "build"


async def _errand(system: System) -> None:
    async with ServiceClient({name: system.url(name) for name in SERVICES}, system.token) as client:
        errand = Errand(system, client)
        await errand.file()  # the first of all is slow, and is not the one to show
        await errand.receive(low_at())
        case_id = await errand.file()
        await errand.tick()
        await errand.visit(case_id)
        await errand.print(case_id)
        await wait_until_quiescent(system)


def shape(spans: list[Seen], parent: Seen) -> dict[str, object]:
    """Each span's service and name, with what came of it."""
    below = [span for span in spans if span.parent == parent.id]
    return {f"{span.service} {span.name}": shape(spans, span) for span in below}


@pytest.mark.long
async def test_one_command_is_one_trace_and_its_days_are_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        system = System(tmp_path, fresh=True)
        await asyncio.to_thread(system.start)
        try:
            await _errand(system)
        finally:
            await asyncio.to_thread(system.stop)  # a service that stops sends what it still has
        await until(lambda: _all_arrived(received), what="the last span")
        _check(received)
        _nothing_personal(received, tmp_path)


async def _all_arrived(received: Receiver) -> bool:
    return len(received.named("consume AlertRaised") + received.named("publish AlertRaised")) >= 1


def _check(received: Receiver) -> None:
    (_, filed), (printed,) = received.named("POST /requests"), received.named("POST /cases/{case_id}/prints")
    shown = "\n\n".join(tree(received.trace(span.trace)) for span in (filed, printed))
    print(f"\n{shown}")
    BUILD.mkdir(exist_ok=True)
    (BUILD / "trace.txt").write_text(shown + "\n")

    assert shape(received.trace(filed.trace), filed) == {
        "requests outbox RequestFiled": {"requests publish RequestFiled": {}},
        "requests outbox CaseAdded": {"requests publish CaseAdded": {"dispatch consume CaseAdded": {}}},
        "requests outbox RequestAccepted": {
            "requests publish RequestAccepted": {"dispatch consume RequestAccepted": {}}
        },
    }
    stock_low = {
        "inventory outbox StockLow": {
            "inventory publish StockLow": {
                "notify consume StockLow": {"notify outbox AlertRaised": {"notify publish AlertRaised": {}}}
            }
        }
    }
    assert shape(received.trace(printed.trace), printed) == {
        "dispatch outbox PrintCompleted": {
            "dispatch publish PrintCompleted": {
                "inventory consume PrintCompleted": stock_low,
                "requests consume PrintCompleted": {},
            }
        }
    }
    kinds = {span.name.split()[0]: span.kind for span in received.trace(printed.trace)}
    assert kinds == {"POST": SERVER, "outbox": INTERNAL, "publish": PRODUCER, "consume": CONSUMER}

    # Days later, other commands, other traces: each says where the story of the request began.
    said = filed.attributes["correlation_id"]
    assert filed.trace == said.replace("-", "")
    later = ("VisitScheduled", "VisitCompleted", "RecordCaptured", "PrintReady", "PrintCompleted")
    for name in later:
        outbox = next(s for s in received.named(f"outbox {name}") if s.attributes["correlation_id"] == said)
        assert outbox.trace != filed.trace
        assert outbox.links == ((filed.trace, filed.id),), name
    assert not any(span.links for span in received.trace(filed.trace))


def _nothing_personal(received: Receiver, folder: Path) -> None:
    told = json.dumps([vars(span) for span in received.spans])
    assert NAME not in told
    assert "Jalan Sintetis" not in told
    allowed = {"correlation_id", "event", "event_id", "group", "topic"}
    allowed |= {"http.request.method", "http.route", "http.response.status_code"}
    assert {key for span in received.spans for key in span.attributes} <= allowed

    lines = [
        json.loads(line) for file in (folder / "services").glob("*.log") for line in file.read_text().splitlines()
    ]
    requests = [line for line in lines if line["message"] == "request"]
    assert len(requests) > 10
    assert all(line["correlation_id"] and line["trace_id"] for line in requests)
    traces = {span.trace for span in received.spans}
    assert {line["trace_id"] for line in requests} <= traces
    assert not [line for line in lines if NAME in json.dumps(line)]


def test_without_an_endpoint_nothing_is_traced() -> None:
    told = Settings(database_url="", kafka_bootstrap_servers="", jwks_file=Path("x"))
    assert Tracing.of("requests", told) is None


@pytest.mark.parametrize("sent", [None, b"", b"\xff", b"00-x-y-01", RECORDED[:-1] + b"0"])
async def test_whatever_a_stranger_calls_a_trace_makes_no_span(sent: bytes | None) -> None:
    tracing, spans = Tracing("requests", "http://127.0.0.1:1", "dev", 1), list[Span]()
    message = Message(filed(), new_id(), 1, {"traceparent": sent})  # type: ignore[dict-item]
    assert tracing.consumed("a.group", message, spans) is message
    assert spans == []
    traced = tracing.consumed("a.group", message._replace(headers={"traceparent": RECORDED}), spans)
    assert traced.headers["traceparent"][:35] == RECORDED[:35]
    assert traced.headers["traceparent"] != RECORDED
    assert len(spans) == 1
    await tracing.close()
