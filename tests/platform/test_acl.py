"""Users and rules on a broker that asks for them."""

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AclBindingFilter, AclOperation, AdminClient, ResourceType

from ops.platform import KafkaCluster
from ops.system.acl import PRINCIPALS, _present_acls, allow, provision_access, required_acls
from shared.settings.kafka import Brokers

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}
PASSWORDS = {name: f"sandi-{name}" for name in PRINCIPALS}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    made = KafkaCluster(tmp_path_factory.mktemp("acl"), settings=AUTHORIZER)
    made.start()
    yield made
    made.kill()


def test_access_is_as_the_contract_says_after_every_run(cluster: KafkaCluster) -> None:
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap_servers})
    surplus = allow("inventory", ResourceType.TOPIC, "requests", AclOperation.WRITE)
    foreign = allow("kelurahan", ResourceType.TOPIC, "cases", AclOperation.READ)
    for created in admin.create_acls([surplus, foreign]).values():
        created.result()
    for _ in range(2):
        provision_access(Brokers(cluster.bootstrap_servers), PASSWORDS)
        assert _present_acls(admin) == required_acls()
    of_others = AclBindingFilter(*foreign._to_tuple())
    assert admin.describe_acls(of_others).result() == [foreign]
    assert set(admin.describe_user_scram_credentials([*PRINCIPALS])) == set(PRINCIPALS)
    for described in admin.describe_user_scram_credentials([*PRINCIPALS]).values():
        assert described.result().scram_credential_infos[0].iterations == 8192
