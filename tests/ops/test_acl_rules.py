"""Rights on the brokers follow from the contract, and leave no way to state another's facts."""

from confluent_kafka.admin import AclOperation, ResourceType

from ops.system.acl import OPERATOR, allow, required_acls
from ops.system.services import SERVICES
from shared.contract.events import DEAD_LETTERS, TOPICS

GRANTED = required_acls()


def test_each_topic_is_written_by_its_publisher_alone() -> None:
    for topic in TOPICS:
        wanted = (ResourceType.TOPIC, topic.name, AclOperation.WRITE)
        writers = {r.principal for r in GRANTED if (r.restype, r.name, r.operation) == wanted}
        publishers = SERVICES if topic is DEAD_LETTERS else (topic.publisher,)
        assert writers == {f"User:{publisher}" for publisher in publishers}


def test_a_service_reads_what_it_takes_in_its_own_groups() -> None:
    mine = {r for r in GRANTED if r.principal == "User:inventory" and r.operation is AclOperation.READ}
    assert mine == {
        allow("inventory", ResourceType.TOPIC, "cases", AclOperation.READ),
        allow("inventory", ResourceType.TOPIC, "alerts", AclOperation.READ),
        allow("inventory", ResourceType.GROUP, "inventory.cases", AclOperation.READ),
        allow("inventory", ResourceType.GROUP, "inventory.alerts", AclOperation.READ),
    }
    for right in GRANTED:
        if right.restype is ResourceType.GROUP and right.principal != f"User:{OPERATOR}":
            assert right.name.startswith(f"{right.principal.removeprefix('User:')}.")


def test_the_operator_writes_nothing() -> None:
    mine = {(r.restype, r.operation) for r in GRANTED if r.principal == f"User:{OPERATOR}"}
    assert mine == {(ResourceType.TOPIC, AclOperation.READ), (ResourceType.GROUP, AclOperation.READ)}
