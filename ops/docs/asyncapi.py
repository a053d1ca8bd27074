"""The AsyncAPI 3.0 document: topics, messages with their CloudEvents headers, and who sends and receives what."""

from typing import Any

from ops.docs.schemas import schema_of
from ops.docs.services import all_consumers
from ops.docs.source import one_line
from ops.system.provision import RETENTION_MS
from ops.system.services import SERVICES
from shared.contract.events import ALL, PARTITIONS, TOPICS, Event, Topic

Part = dict[str, Any]
KAFKA = "0.5.0"
UUID = {"type": "string", "format": "uuid"}
HEADERS: Part = {
    "title": "CloudEventHeaders",
    "description": "CloudEvents 1.0 in Kafka's binary content mode; all values are UTF-8.",
    "type": "object",
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**UUID, "description": "Unique; the inbox of every consumer knows an event by it."},
        "ce_source": {"type": "string", "pattern": "^/[a-z]+$", "description": "The service that states it."},
        "ce_type": {"type": "string", "pattern": r"^id\.jemputbola\.[A-Za-z]+\.v[0-9]+$"},
        "ce_time": {"type": "string", "format": "date-time", "description": "Business time: the event's `at`."},
        "ce_subject": {"type": "string", "description": "What it is about: the record's key."},
        "ce_correlationid": {**UUID, "description": "One for a whole story."},
        "ce_causationid": {**UUID, "description": "The event that caused this one; absent at a story's start."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "1, 2, 3, ... in each topic and key.",
        },
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context, where a trace is under way."},
    },
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_subject",
        "ce_correlationid",
        "ce_sequence",
        "content-type",
    ],
}


def asyncapi() -> Part:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jemput Bola",
            "version": "1.0.0",
            "description": "Events of the four services. They carry ids, region codes and neutral codes, never a "
            "person. Order is promised per key; delivery is at least once, and ce_id tells repeats.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _sends() | _receives(),
        "components": {
            "messages": {event.__name__: _message(event) for event in ALL},
            "schemas": {"CloudEventHeaders": HEADERS} | {event.__name__: schema_of(event) for event in ALL},
        },
    }


def _channel(topic: Topic) -> Part:
    names = [event.__name__ for event in ALL if event.topic is topic]
    return {
        "address": topic.name,
        "description": f"Keyed by {topic.key}; published by {topic.publisher or 'each service'}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": RETENTION_MS},
                "bindingVersion": KAFKA,
            }
        },
    }


def _message(event: type[Event]) -> Part:
    return {
        "name": event.type_name(),
        "title": event.__name__,
        "summary": one_line(event.__doc__),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"The event's {event.topic.key}."},
                "bindingVersion": KAFKA,
            }
        },
    }


def _sends() -> Part:
    return {
        f"{publisher}-sends-{topic.name}": _operation(
            "send", topic, [event for event in ALL if event.topic is topic], f"What {publisher} states."
        )
        for topic in TOPICS
        for publisher in ([topic.publisher] if topic.publisher else SERVICES)
    }


def _receives() -> Part:
    made = {}
    for consumer in (source.consumer for source in all_consumers()):
        operation = _operation("receive", consumer.topic, consumer.consumes, f"What {consumer.service} acts on.")
        group = {"type": "string", "const": consumer.group}
        made[f"{consumer.service}-receives-{consumer.topic.name}"] = operation | {
            "bindings": {"kafka": {"groupId": group, "bindingVersion": KAFKA}}
        }
    return made


def _operation(action: str, topic: Topic, events: tuple[type[Event], ...] | list[type[Event]], summary: str) -> Part:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{event.__name__}"} for event in events],
    }
