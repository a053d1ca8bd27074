"""The command that makes what the services need."""

import asyncio

from ops.system import provision as provisioning
from ops.system.acl import PRINCIPALS
from ops.system.read_secret import given
from ops.system.services import SERVICES
from shared.kafka import KafkaSettings


def provision() -> None:
    """Roles, databases, topics, and where brokers ask for names those too, on the servers that we are given.

    Safe to repeat. DATABASE_URL is a superuser's, a role's password is <SERVICE>_PASSWORD, the password of a
    principal of the brokers <PRINCIPAL>_KAFKA_PASSWORD; each may be a secret's file instead (`given`).
    """
    passwords = {name: given(f"{name}.password") for name in SERVICES}
    database = given("database_url")
    brokers = KafkaSettings(kafka_bootstrap_servers=given("kafka_bootstrap_servers")).brokers
    asyncio.run(provisioning.everything(database, passwords, brokers))
    if brokers.protocol != "PLAINTEXT":
        principals = {name: given(f"{name}.kafka_password") for name in PRINCIPALS}
        asyncio.run(provisioning.access(brokers, principals))
