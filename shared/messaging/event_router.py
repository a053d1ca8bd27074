"""Which handler applies which event type of a topic."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from aiokafka import ConsumerRecord

from shared.contract.envelope import InvalidRecord, Message, current_context, decode
from shared.contract.events import Event
from shared.contract.topics import Topic
from shared.database.connection import Connection

E = TypeVar("E", bound=Event)
Handler = Callable[[Connection, Message[Any]], Awaitable[None]]
BatchHandler = Callable[[Connection, Sequence[Message[Any]]], Awaitable[int | None]]
"""Applies consecutive events. A handler with its own inbox returns how many of them were repeats."""


class NonRetryableError(Exception):
    """A handler raises it when an event can never be applied, with the reason. The event becomes a dead letter."""


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and the event types that it applies."""

    name: str
    types: tuple[type[Event], ...]
    handle: BatchHandler
    own_inbox: bool


class Item(NamedTuple):
    """A record, its decoded content, and the route of its event type; None for an invalid record."""

    record: ConsumerRecord[bytes, bytes]
    content: Message[Event] | InvalidRecord
    route: Route | None


class EventRouter:
    """The handlers of one topic. Each event type has at most one handler."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.skipped = 0
        """Records of event types without a handler."""
        self._routes: dict[type[Event], Route] = {}
        self._event_types: dict[bytes, type[Event]] = {}

    @property
    def consumes(self) -> tuple[type[Event], ...]:
        """The event types that have a handler, in the order of registration."""
        return tuple(self._event_types.values())

    def on(self, *types: type[E]) -> Callable[[Callable[[Connection, Message[E]], Awaitable[None]]], Handler]:
        """Register a handler of single events. It is called in the batch's transaction, once for each event."""

        def register(handler: Callable[[Connection, Message[E]], Awaitable[None]]) -> Handler:
            async def each(conn: Connection, messages: Sequence[Message[Any]]) -> None:
                for message in messages:
                    current_context.set(message)  # the processor resets it at the end of the batch
                    await handler(conn, message)

            self._register(Route(handler.__name__, types, each, own_inbox=False))
            return handler

        return register

    def on_batch(
        self, *types: type[E], own_inbox: bool = False
    ) -> Callable[[Callable[[Connection, Sequence[Message[E]]], Awaitable[int | None]]], BatchHandler]:
        """Register a handler of consecutive events.

        With `own_inbox` the handler detects repeats itself, by a unique event id in its own tables.
        """

        def register(handler: Callable[[Connection, Sequence[Message[E]]], Awaitable[int | None]]) -> BatchHandler:
            self._register(Route(handler.__name__, types, handler, own_inbox))
            return handler

        return register

    def _register(self, route: Route) -> None:
        for event_type in route.types:
            if event_type.topic is not self.topic:
                raise RuntimeError(f"{event_type.__name__} is not in the topic {self.topic.name}")
            self._event_types[event_type.type_name().encode()] = event_type
            self._routes[event_type] = route

    def decode(self, record: ConsumerRecord[bytes, bytes]) -> Item | None:
        """The record with its content and route; None, and counted as skipped, when no handler consumes its type."""
        content = decode(record.value, record.headers, self._event_types)
        if content is None:
            self.skipped += 1
            return None
        if isinstance(content, InvalidRecord):
            return Item(record, content, None)
        return Item(record, content, self._routes[type(content.event)])
