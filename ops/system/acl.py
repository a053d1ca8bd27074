"""Who may do what on the brokers. It follows from the contract, so it cannot drift from it.

A service writes the topic it publishes and the dead letters, and reads the topics of its own consumer groups, in
those groups alone. The operator reads, and writes nothing to a topic. Everything else is refused: no container
can forge a fact that is not its own to state.
"""

from enum import IntEnum
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from ops.platform import PlatformError
from ops.system.consumer_groups import GROUPS, topic_of
from ops.system.services import SERVICES
from shared.events import TOPICS

OPERATOR = "ops"
"""The principal of the operator's own tools."""
PRINCIPALS = (*SERVICES, OPERATOR)
_ANY, _LITERAL, _ALLOW = 1, 3, 3


class Kind(IntEnum):
    """What a right is about, by Kafka's numbers."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What may be done, by Kafka's numbers. READ and WRITE include DESCRIBE."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8


class Right(NamedTuple):
    """One principal may do one thing on one topic or group, from any address."""

    principal: str
    kind: Kind
    name: str
    operation: Operation


def rights() -> set[Right]:
    """All rights there are."""
    found = set()
    for topic in TOPICS:
        for publisher in (topic.publisher,) if topic.publisher else SERVICES:
            found.add(Right(publisher, Kind.TOPIC, topic.name, Operation.WRITE))
        found.add(Right(OPERATOR, Kind.TOPIC, topic.name, Operation.READ))
    for group in GROUPS:
        service = group.partition(".")[0]
        found.add(Right(service, Kind.TOPIC, topic_of(group), Operation.READ))
        found.add(Right(service, Kind.GROUP, group, Operation.READ))
        # Reading includes moving a stopped group back, for `reconcile --refill`.
        found.add(Right(OPERATOR, Kind.GROUP, group, Operation.READ))
    return found


async def grant(admin: AIOKafkaAdminClient) -> None:
    """Give what is missing and take what is too much, for our principals; another's rights stay as they are.

    Raises PlatformError with the broker's word when it refuses.
    """
    wanted, present = rights(), await _present(admin)
    for right in sorted(wanted - present):
        answer = await admin._send_request(CreateAclsRequest(*_words(right)))
        _check(*answer.creation_responses[0])
    for right in sorted(present - wanted):
        answer = await admin._send_request(DeleteAclsRequest(*_words(right)))
        _check(*answer.filter_responses[0][:2])


async def _present(admin: AIOKafkaAdminClient) -> set[Right]:
    answer = await admin._send_request(DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
    _check(answer.error_code, answer.error_message)
    found = set()
    for kind, name, pattern, rules in answer.resources:
        for principal, host, operation, permission in rules:
            ours = principal.removeprefix("User:")
            if ours in PRINCIPALS and (pattern, host, permission) == (_LITERAL, "*", _ALLOW):
                found.add(Right(ours, kind, name, operation))
    return found


def _words(right: Right) -> tuple[int, str, int, str, str, int, int]:
    return right.kind, right.name, _LITERAL, f"User:{right.principal}", "*", right.operation, _ALLOW


def _check(code: int, message: str | None) -> None:
    if code:
        raise PlatformError(f"the broker does not take its access rules: {code} {message}", "see the broker's log")
