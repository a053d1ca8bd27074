"""The system of docker-compose.yml: healthy, closed, scaled, and whole after kill -9."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka.admin import AclOperation, ResourceType

from ops.system.acl import required_acls
from ops.system.consumer_groups import GROUPS
from ops.system.secrets import TRIAL, contents
from ops.system.services import SERVICES
from shared.contract.events import TOPICS
from tests.containers.compose import Compose, cluster_settings, remove_images
from tests.containers.trial import nothing_lost_nothing_doubled, tell
from tests.support.platforms import containers_missing
from tests.support.polling import until
from tests.support.signers import Signer

MISSING = containers_missing("postgres:18", "apache/kafka:4.3.1", "caddy:2", "python:3.13-slim")
HERE = Path(__file__).parent

pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(MISSING), reason=f"containers cannot run here: {MISSING}")]


@pytest.fixture(scope="module", autouse=True)
def images() -> Iterator[None]:
    yield
    remove_images()


@contextmanager
def up(folder: Path, settings: str = "", provider: Signer | None = None) -> Iterator[Compose]:
    """A healthy system, by one command; gone with its data at the end, however that comes."""
    system = Compose(folder, settings, provider)
    try:
        if provider:
            without_a_secret_it_does_not_start(system)
        system.run("up", "--build", "--wait", timeout=900)
        yield system
    except BaseException:
        print(system.logs())
        raise
    finally:
        system.down()


async def test_one_broker(tmp_path: Path) -> None:
    with up(tmp_path) as system:
        await the_origin_shows_what_is_for_callers(system)
        assert system.published() == sorted(
            [f"127.0.0.1:{system.port}->8080/tcp", f"127.0.0.1:{system.tls_port}->8443/tcp"]
        )
        each_container_sees_its_own_secrets_alone(system)
        no_service_can_do_what_is_not_its_own(system)
        with system.operator(HERE / "inside.py") as operator:
            system.run("up", "--wait", "--no-recreate", "--scale", "inventory=3", timeout=120)

            async def shared_by_three() -> dict[str, int] | None:
                shares: dict[str, int] = await asyncio.to_thread(operator.ask, "members")
                return shares if len(shares) == 3 and sum(shares.values()) == 12 else None

            shares = await until(shared_by_three, what="all 12 partitions with three containers")
            assert sorted(shares.values()) == [4, 4, 4]
            blows = {
                40: lambda: system.kill_main_process("dispatch"),
                70: lambda: system.kill_main_process("inventory", 2),
                90: lambda: system.kill_main_process("requests"),
            }
            story = await tell(system, operator, blows)
            nothing_lost_nothing_doubled(story, operator.ask("facts"))
        for service, index in (("dispatch", 1), ("inventory", 2), ("requests", 1)):
            assert system.inspect(service, "{{.RestartCount}}", index) == "1"


async def test_three_brokers_in_production_of_which_one_is_killed(tmp_path: Path) -> None:
    provider = Signer.new(kid="penyedia")
    with up(tmp_path, cluster_settings(), provider) as system, system.operator(HERE / "inside.py") as operator:
        blows = {
            40: lambda: system.kill_main_process("kafka-2"),
            80: lambda: system.kill_main_process("kafka"),
        }
        story = await tell(system, operator, blows)
        nothing_lost_nothing_doubled(story, operator.ask("facts"))
        assert system.inspect("kafka-2", "{{.RestartCount}}") == "1"
        assert system.inspect("kafka", "{{.RestartCount}}") == "1"


def without_a_secret_it_does_not_start(system: Compose) -> None:
    """It says which one is missing, and how to make it."""
    missing = system.folder / "secrets" / "notify.key"
    content = missing.read_text()
    missing.unlink()
    system.run("build", "--quiet", "secrets", timeout=600)
    said = system.refused("run", "--rm", "-T", "secrets")
    assert "rahasia ini belum ada: notify.key" in said
    assert "make secrets" in said
    missing.write_text(content)


def each_container_sees_its_own_secrets_alone(system: Compose) -> None:
    for name, files in contents(TRIAL).items():
        if name not in ("provision", "ops", "grafana"):
            assert system.secrets_in(name) == files.keys()


async def the_origin_shows_what_is_for_callers(system: Compose) -> None:
    """The services' own routes, and nothing that is for whoever watches from within."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{system.port}") as client:
        assert "Uji coba:" in (await client.get("/")).text
        assert (await client.get("/health")).status_code == 200
        for service in SERVICES:
            answer = await client.get(f"/api/{service}/openapi.json")
            assert answer.json()["info"]["title"] == f"Jemput Bola: {service}"
            for hidden in ("metrics", "health", "health/ready", "Health/Live", "/health/ready", "%68ealth/live"):
                answer = await client.get(f"/api/{service}/{hidden}")
                assert (answer.status_code, answer.json()["status"]) == (404, 404)


def no_service_can_do_what_is_not_its_own(system: Compose) -> None:
    """Each tries every other service's part, from its own container and with its own credentials."""
    granted = required_acls()
    for service in SERVICES:
        mine = {(r.restype, r.name, r.operation) for r in granted if r.principal == f"User:{service}"}
        readable = [t.name for t in TOPICS if (ResourceType.TOPIC, t.name, AclOperation.READ) in mine]
        foreign_reads = [t.name for t in TOPICS if t.name not in readable]
        foreign_writes = [t.name for t in TOPICS if (ResourceType.TOPIC, t.name, AclOperation.WRITE) not in mine]
        foreign_groups = [
            f"{readable[0]}/{g}" for g in GROUPS if (ResourceType.GROUP, g, AclOperation.READ) not in mine
        ]
        others = [other for other in SERVICES if other != service]
        attempts = (foreign_reads, foreign_writes, foreign_groups, others)
        assert all(attempts)
        found: dict[str, dict[str, Any]] = system.python_in(service, HERE / "forge.py", *map(",".join, attempts))
        assert found["read"] == dict.fromkeys(foreign_reads, "TopicAuthorizationFailedError")
        assert found["write"] == dict.fromkeys(foreign_writes, "TopicAuthorizationFailedError")
        assert found["join"] == dict.fromkeys(foreign_groups, "GroupAuthorizationFailedError")
        assert found["enter"] == dict.fromkeys(others, "InsufficientPrivilegeError")
        assert found["without_a_name"] == {foreign_writes[0]: "KafkaConnectionError"}
