"""Who may do what on the brokers. The rules follow from the contract, so they cannot drift from it.

A service writes the topic it publishes and the dead letters, and reads the topics of its own consumer groups, in
those groups alone. The operator reads, and writes nothing to a topic. Everything else is refused: no container
can publish an event of another service.
"""

from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from ops.platform import PlatformError
from ops.system.consumer_groups import GROUPS, topic_of
from ops.system.services import SERVICES
from shared.contract.events import TOPICS
from shared.settings.kafka import Brokers

OPERATOR = "ops"
"""The principal of the operator's own tools."""
PRINCIPALS = (*SERVICES, OPERATOR)
ITERATIONS = 8192
"""A guess costs this many hashes. Kafka takes 4,096 to 16,384."""
TIMEOUT_S = 10


def required_acls() -> set[AclBinding]:
    """All rules there are."""
    found = set()
    for topic in TOPICS:
        for publisher in (topic.publisher,) if topic.publisher else SERVICES:
            found.add(allow(publisher, ResourceType.TOPIC, topic.name, AclOperation.WRITE))
        found.add(allow(OPERATOR, ResourceType.TOPIC, topic.name, AclOperation.READ))
    for group in GROUPS:
        service = group.partition(".")[0]
        found.add(allow(service, ResourceType.TOPIC, topic_of(group), AclOperation.READ))
        found.add(allow(service, ResourceType.GROUP, group, AclOperation.READ))
        # Reading includes moving a stopped group back, for `reconcile --rewind`.
        found.add(allow(OPERATOR, ResourceType.GROUP, group, AclOperation.READ))
    return found


def allow(principal: str, kind: ResourceType, name: str, operation: AclOperation) -> AclBinding:
    """The rule that a principal may do this on one topic or group, from any address. Read and write include
    describe."""
    return AclBinding(
        *(kind, name, ResourcePatternType.LITERAL),
        *(f"User:{principal}", "*", operation, AclPermissionType.ALLOW),
    )


def provision_access(brokers: Brokers, passwords: Mapping[str, str]) -> None:
    """Give each principal its password and all of them their rules; open connections stay open.

    Rules of our principals that are not required are removed; those of others stay. Raises PlatformError with the
    broker's message when it refuses.
    """
    admin = AdminClient(_client_settings(brokers))
    try:
        _set_passwords(admin, passwords)
        _apply_acls(admin)
    except KafkaException as error:
        raise PlatformError(f"the brokers refuse their access rules: {error}", "see the broker's log") from error


def _set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    users = [UserScramCredentialUpsertion(name, credential, value.encode()) for name, value in passwords.items()]
    for done in admin.alter_user_scram_credentials(users, request_timeout=TIMEOUT_S).values():
        done.result()


def _apply_acls(admin: AdminClient) -> None:
    required, present = required_acls(), _present_acls(admin)
    if missing := sorted(required - present):
        for created in admin.create_acls(missing, request_timeout=TIMEOUT_S).values():
            created.result()
    if surplus := [_exactly(rule) for rule in sorted(present - required)]:
        for deleted in admin.delete_acls(surplus, request_timeout=TIMEOUT_S).values():
            deleted.result()


def _present_acls(admin: AdminClient) -> set[AclBinding]:
    """The rules that have the form of ours, of our principals."""
    everything = AclBindingFilter(
        *(ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)
    )
    found = admin.describe_acls(everything, request_timeout=TIMEOUT_S).result()
    ours = {f"User:{name}" for name in PRINCIPALS}
    form = (ResourcePatternType.LITERAL, "*", AclPermissionType.ALLOW)
    return {
        rule
        for rule in found
        if rule.principal in ours and (rule.resource_pattern_type, rule.host, rule.permission_type) == form
    }


def _exactly(rule: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        *(rule.restype, rule.name, rule.resource_pattern_type, rule.principal, rule.host),
        *(rule.operation, rule.permission_type),
    )


def _client_settings(brokers: Brokers) -> dict[str, str]:
    settings = {"bootstrap.servers": brokers.servers, "security.protocol": brokers.protocol}
    if brokers.protocol != "PLAINTEXT":
        settings |= {
            "sasl.mechanism": brokers.mechanism,
            "sasl.username": brokers.username,
            "sasl.password": brokers.password,
        }
    if brokers.ca_file is not None:
        settings["ssl.ca.location"] = str(brokers.ca_file)
    return settings
