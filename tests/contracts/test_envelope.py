"""Every event survives the way through Kafka, and whatever is not an event is told apart without being quoted."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from ops.docs.asyncapi import HEADERS
from ops.docs.schemas import schema_of
from shared.contract.envelope import MAX_BYTES, InvalidRecord, Message, MessageContext, decode, encode, split_headers
from shared.contract.events import ALL, Event, RequestFiled
from shared.contract.fields import DeadLetterReason, RequestKind
from shared.contract.ids import new_id
from shared.system_clock import utc_now
from tests.contracts.strategies import events

KNOWN = {event.type_name().encode(): event for event in ALL}
PERSON = "SITI AMINAH 1702064107900001"
Headers = list[tuple[str, bytes]]


def as_record(event: Event, context: MessageContext, sequence: int = 1) -> tuple[UUID, Headers, bytes]:
    event_id = new_id()
    folded, value = encode(event, id=event_id, source="requests", context=context)
    return event_id, [*split_headers(folded.encode()), ("ce_sequence", str(sequence).encode())], value.encode()


@pytest.mark.parametrize("event_type", ALL, ids=lambda event: event.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_event_comes_back_as_it_went(event_type: type[Event], data: st.DataObject) -> None:
    event = data.draw(events(event_type))
    sequence = data.draw(st.integers(1, 2**62))
    trace = data.draw(st.none() | st.just(f"00-{'a' * 32}-{'b' * 16}-01"))
    started = MessageContext(new_id(), data.draw(st.none() | st.uuids()), trace)
    event_id, headers, value = as_record(event, started, sequence)
    got = decode(value, headers, KNOWN)
    assert isinstance(got, Message)
    assert (got.event, got.id, got.sequence) == (event, event_id, sequence)
    assert got.context == MessageContext(started.correlation_id, event_id, trace)
    assert len(value) < MAX_BYTES
    Draft202012Validator(schema_of(event_type)).validate(json.loads(value))


@settings(max_examples=50, deadline=None)
@given(event=st.sampled_from(ALL).flatmap(events), caused=st.booleans())
def test_the_headers_are_cloudevents_1_0_in_kafka_s_binary_mode(event: Event, caused: bool) -> None:
    context = MessageContext(
        new_id(), new_id() if caused else None, f"00-{'a' * 32}-{'b' * 16}-01" if caused else None
    )
    _, raw, _ = as_record(event, context)
    headers = {name: content.decode() for name, content in raw}
    assert len(headers) == len(raw), "an attribute stands once"
    attributes = {name[3:]: text for name, text in headers.items() if name.startswith("ce_")}
    # Names: lower-case ASCII letters and digits, 20 at the most. Strings: not empty, no control characters.
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in attributes)
    assert all(text and text.isprintable() for text in headers.values())
    assert attributes["specversion"] == "1.0"
    assert {"id", "source", "type"} <= attributes.keys()
    assert re.fullmatch(r"/[a-z]+", attributes["source"]), "a URI reference"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", attributes["time"]), "RFC 3339"
    assert datetime.fromisoformat(attributes["time"]) == event.at
    assert attributes["subject"] == event.key
    assert headers["content-type"] == "application/json"
    assert {*headers} - {f"ce_{name}" for name in attributes} <= {"content-type", "traceparent"}
    Draft202012Validator(HEADERS).validate(headers)
    assert headers.keys() <= HEADERS["properties"].keys(), "AsyncAPI tells of every header"


def filed() -> tuple[Headers, dict[str, Any]]:
    event = RequestFiled(
        at=utc_now(), request_id=new_id(), office="17.02", kelurahan="17.02.06.1004", kind=RequestKind.DRIVE
    )
    _, headers, value = as_record(event, MessageContext.new())
    return headers, json.loads(value)


def with_header(headers: Headers, name: str, content: bytes | None) -> Any:
    return [*((other, kept) for other, kept in headers if other != name), (name, content)]


def without(headers: Headers, name: str) -> Headers:
    return [(other, kept) for other, kept in headers if other != name]


def poison(value: bytes | None, headers: Headers) -> InvalidRecord:
    got = decode(value, headers, KNOWN)
    assert isinstance(got, InvalidRecord)
    assert not any(word in got.detail for word in PERSON.split()), "a detail never quotes what came in"
    return got


def as_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


BROKEN_VALUES: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "not JSON": lambda value: f"{{{PERSON}".encode(),
    "not UTF-8": lambda value: b'{"office": "\xff\xfe"}',
    "JSON but no object": lambda value: as_bytes(value)[1:-1].join((b"[", b"]")),
    "a list": lambda value: json.dumps([PERSON]).encode(),
    "empty": lambda value: b"",
    "no fields": lambda value: b"{}",
    "a field missing": lambda value: as_bytes({k: v for k, v in value.items() if k != "office"}),
    "text in place of an id": lambda value: as_bytes({**value, "request_id": PERSON}),
    "text in place of a code": lambda value: as_bytes({**value, "office": PERSON}),
    "other digits": lambda value: as_bytes({**value, "office": "١٧.٠٢"}),
    "a word of no list": lambda value: as_bytes({**value, "kind": PERSON}),
    "null": lambda value: as_bytes({**value, "office": None}),
    "an object in place of a code": lambda value: as_bytes({**value, "office": {"name": PERSON}}),
    "a time without its zone": lambda value: as_bytes({**value, "at": "2026-04-06T00:00:00"}),
    "the year 3000": lambda value: as_bytes({**value, "at": "3000-01-01T00:00:00Z"}),
    "the year 2010": lambda value: as_bytes({**value, "at": "2010-12-31T00:00:00Z"}),
    "a NUL": lambda value: as_bytes({**value, "office": "17.0\u0000"}),
}


@pytest.mark.parametrize("broken", BROKEN_VALUES.values(), ids=BROKEN_VALUES)
def test_a_broken_value_is_malformed(broken: Callable[[dict[str, Any]], bytes]) -> None:
    headers, value = filed()
    assert poison(broken(value), headers).reason == DeadLetterReason.MALFORMED


@pytest.mark.parametrize("event_type", ALL, ids=lambda event: event.__name__)
def test_personal_data_in_any_field_is_malformed_and_not_quoted(event_type: type[Event]) -> None:
    headers, _ = filed()
    headers = with_header(headers, "ce_type", event_type.type_name().encode())
    for name in event_type.model_fields:
        assert poison(as_bytes({name: PERSON}), headers).reason == DeadLetterReason.MALFORMED


def test_a_detail_names_the_field_and_the_rule() -> None:
    headers, value = filed()
    (problem,) = json.loads(poison(as_bytes({**value, "office": PERSON}), headers).detail)
    assert problem["field"] == "office"
    assert "^[0-9]{2}" in problem["rule"]


BROKEN_HEADERS: dict[str, tuple[Callable[[Headers], Headers], DeadLetterReason]] = {
    "no headers": (lambda h: [], DeadLetterReason.NOT_AN_EVENT),
    "no version of CloudEvents": (lambda h: without(h, "ce_specversion"), DeadLetterReason.NOT_AN_EVENT),
    "another version of CloudEvents": (
        lambda h: with_header(h, "ce_specversion", b"0.3"),
        DeadLetterReason.NOT_AN_EVENT,
    ),
    "no type": (lambda h: without(h, "ce_type"), DeadLetterReason.NOT_AN_EVENT),
    "a type without a value": (lambda h: with_header(h, "ce_type", None), DeadLetterReason.NOT_AN_EVENT),
    "a newer major version": (
        lambda h: with_header(h, "ce_type", b"id.jemputbola.RequestFiled.v2"),
        DeadLetterReason.UNKNOWN_VERSION,
    ),
    "no major version": (
        lambda h: with_header(h, "ce_type", b"id.jemputbola.RequestFiled.v"),
        DeadLetterReason.UNKNOWN_VERSION,
    ),
    "no id": (lambda h: without(h, "ce_id"), DeadLetterReason.MALFORMED),
    "an id without a value": (lambda h: with_header(h, "ce_id", None), DeadLetterReason.MALFORMED),
    "a binary id": (lambda h: with_header(h, "ce_id", b"\xff\xfe\x00"), DeadLetterReason.MALFORMED),
    "a person as id": (lambda h: with_header(h, "ce_id", PERSON.encode()), DeadLetterReason.MALFORMED),
    "no sequence": (lambda h: without(h, "ce_sequence"), DeadLetterReason.MALFORMED),
    "a person as sequence": (lambda h: with_header(h, "ce_sequence", PERSON.encode()), DeadLetterReason.MALFORMED),
}


@pytest.mark.parametrize("case", BROKEN_HEADERS.values(), ids=BROKEN_HEADERS)
def test_broken_headers_say_what_is_wrong(case: tuple[Callable[[Headers], Headers], DeadLetterReason]) -> None:
    change, reason = case
    headers, value = filed()
    assert poison(as_bytes(value), change(headers)).reason == reason


def test_a_tombstone_is_malformed() -> None:
    headers, _ = filed()
    assert poison(None, headers).reason == DeadLetterReason.MALFORMED


def test_a_megabyte_is_read_and_one_byte_more_is_not() -> None:
    headers, value = filed()
    assert isinstance(decode(as_bytes(value).ljust(MAX_BYTES), headers, KNOWN), Message)
    assert poison(as_bytes(value).ljust(MAX_BYTES + 1), headers).reason == DeadLetterReason.TOO_LARGE


@pytest.mark.parametrize(
    "name", [b"id.jemputbola.SomethingNew.v1", b"com.example.Other.v1", b"", b"\xff\xfe", PERSON.encode()]
)
def test_a_type_that_nobody_handles_is_passed_over_unread(name: bytes) -> None:
    headers, _ = filed()
    assert decode(b"{not json", with_header(headers, "ce_type", name), KNOWN) is None


@pytest.mark.parametrize("content", [b"\xff", b"", None, PERSON.encode()])
def test_a_broken_correlation_or_trace_does_not_stop_an_event(content: bytes | None) -> None:
    headers, value = filed()
    headers = with_header(with_header(headers, "ce_correlationid", content), "traceparent", content)
    got = decode(as_bytes(value), headers, KNOWN)
    assert isinstance(got, Message)
    assert got.context.correlation_id == got.context.causation_id == got.id


def test_foreign_headers_and_new_fields_are_let_through() -> None:
    headers, value = filed()
    got = decode(as_bytes({**value, "added_later": 1}), [*headers, ("blob", b"\xff\x00")], KNOWN)
    assert isinstance(got, Message)
