"""The command that creates what the services need."""

import asyncio

from ops.system import provision as provisioning
from ops.system.acl import PRINCIPALS, provision_access
from ops.system.read_secret import read_secret
from ops.system.services import SERVICES
from shared.kafka import KafkaSettings


def provision() -> None:
    """Create roles, databases and topics on the given servers, and on brokers with SASL also users and their rules.

    Safe to repeat. DATABASE_URL is a superuser's, a role's password is <SERVICE>_PASSWORD, the password of a
    principal of the brokers <PRINCIPAL>_KAFKA_PASSWORD; each may be a secret's file instead (`read_secret`).
    """
    passwords = {name: read_secret(f"{name}.password") for name in SERVICES}
    database = read_secret("database_url")
    brokers = KafkaSettings(kafka_bootstrap_servers=read_secret("kafka_bootstrap_servers")).brokers
    asyncio.run(provisioning.everything(database, passwords, brokers))
    if brokers.protocol != "PLAINTEXT":
        provision_access(brokers, {name: read_secret(f"{name}.kafka_password") for name in PRINCIPALS})
