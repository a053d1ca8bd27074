"""Rights on the brokers follow from the contract, and leave no way to state another's facts."""

from ops.system.acl import OPERATOR, Kind, Operation, Right, rights
from ops.system.services import SERVICES
from shared.events import DEAD_LETTERS, TOPICS

GRANTED = rights()


def test_each_topic_is_written_by_its_publisher_alone() -> None:
    for topic in TOPICS:
        writers = {r.principal for r in GRANTED if (r.kind, r.name, r.operation) == (Kind.TOPIC, topic.name, 4)}
        assert writers == (set(SERVICES) if topic is DEAD_LETTERS else {topic.publisher})


def test_a_service_reads_what_it_takes_in_its_own_groups() -> None:
    mine = {r for r in GRANTED if r.principal == "inventory" and r.operation is Operation.READ}
    assert mine == {
        Right("inventory", Kind.TOPIC, "cases", Operation.READ),
        Right("inventory", Kind.TOPIC, "alerts", Operation.READ),
        Right("inventory", Kind.GROUP, "inventory.cases", Operation.READ),
        Right("inventory", Kind.GROUP, "inventory.alerts", Operation.READ),
    }
    for right in GRANTED:
        if right.kind is Kind.GROUP and right.principal != OPERATOR:
            assert right.name.startswith(f"{right.principal}.")


def test_the_operator_writes_nothing() -> None:
    mine = {(r.kind, r.operation) for r in GRANTED if r.principal == OPERATOR}
    assert mine == {(Kind.TOPIC, Operation.READ), (Kind.GROUP, Operation.READ)}
