"""The lag of a group is right wherever its coordinator is, also while it moves."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from ops.admin.consumer_groups import groups
from ops.platform import Platform
from ops.system import SERVICES, QuiescenceMonitor, provision
from ops.system.consumer_groups import GROUPS
from ops.system.discovery import RunningSystem
from ops.system.offsets import ask_coordinator, committed_offsets, progress
from shared.contract.events import ALERTS, CASES, PARTITIONS, STOCK
from shared.settings.kafka import Brokers
from tests.support.polling import until

SENT, TAKEN = 10, 7
GROUP, NEVER = "notify.stock", "dispatch.stock"
PLACE = TopicPartition(STOCK.name, 3)


class Misled(AIOKafkaAdminClient):  # type: ignore[misc]
    """Is told of brokers that are not the coordinator, as long as `first` names any."""

    def __init__(self, servers: str) -> None:
        super().__init__(bootstrap_servers=servers, request_timeout_ms=5000)
        self.first: list[int] = []

    async def find_coordinator(self, group_id: str, coordinator_type: int = 0) -> int:
        right: int = await super().find_coordinator(group_id, coordinator_type)
        return self.first.pop() if self.first else right


@pytest.fixture(scope="module")
async def servers(three_brokers: Platform) -> str:
    """Ten records in one partition, of which one group has taken seven and another none."""
    servers = three_brokers.bootstrap_servers
    await provision.topics(Brokers(servers))
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        for number in range(SENT):
            await producer.send_and_wait(PLACE.topic, str(number).encode(), partition=PLACE.partition)
    async with AIOKafkaConsumer(bootstrap_servers=servers, group_id=GROUP, enable_auto_commit=False) as consumer:
        consumer.assign([PLACE])
        await consumer.commit({PLACE: TAKEN})
    return servers


@pytest.fixture(scope="module")
async def admin(servers: str) -> AsyncIterator[Misled]:
    made = Misled(servers)
    await made.start()
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def reader(servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(bootstrap_servers=servers, request_timeout_ms=5000) as made:
        yield made


async def others(admin: Misled, group: str = GROUP) -> list[int]:
    coordinator = await admin.find_coordinator(group)
    return [node for node in (1, 2, 3) if node != coordinator]


async def test_a_broker_that_is_not_the_coordinator_is_not_believed(admin: Misled, reader: AIOKafkaConsumer) -> None:
    admin.first = await others(admin)
    found = await progress(admin, reader, GROUP)
    assert (found.waiting, found.uncommitted) == ({PLACE.partition: SENT - TAKEN}, ())
    assert admin.first == []


async def test_a_group_that_never_committed_is_told_from_one_that_has(
    admin: Misled, reader: AIOKafkaConsumer
) -> None:
    admin.first = await others(admin, NEVER)
    found = await progress(admin, reader, NEVER)
    assert (found.waiting, found.uncommitted) == ({PLACE.partition: SENT}, (PLACE.partition,))
    assert await committed_offsets(admin, NEVER, [PLACE]) == {PLACE: None}
    # Nothing to take is not the same as nothing committed.
    empty = await progress(admin, reader, f"requests.{CASES.name}")
    assert (empty.waiting, empty.uncommitted) == ({}, ())


async def test_records_that_are_no_longer_kept_wait_for_nobody(
    servers: str, admin: Misled, reader: AIOKafkaConsumer
) -> None:
    gone = TopicPartition(ALERTS.name, 0)
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        for _ in range(3):
            await producer.send_and_wait(gone.topic, b"x", partition=gone.partition)
    await admin.delete_records({gone: RecordsToDelete(2)})
    found = await progress(admin, reader, f"inventory.{ALERTS.name}")
    assert (found.waiting, found.uncommitted) == ({0: 1}, (0,))


async def test_members_are_asked_of_the_coordinator_too(
    servers: str, admin: Misled, reader: AIOKafkaConsumer
) -> None:
    async with AIOKafkaConsumer(STOCK.name, bootstrap_servers=servers, group_id=GROUP, enable_auto_commit=False):
        wrong = await others(admin)
        admin.first = wrong * len(GROUPS)
        found = {group.name: group for group in await groups(admin, reader)}
    assert (found[GROUP].state, found[GROUP].held, found[GROUP].lag) == ("Stable", PARTITIONS, SENT - TAKEN)
    assert (found[NEVER].members, found[NEVER].uncommitted) == ((), (PLACE.partition,))


async def test_without_a_coordinator_there_is_an_error_and_no_number(admin: Misled) -> None:
    async def nobody(coordinator: int) -> None:
        return None

    with pytest.raises(GroupCoordinatorNotAvailableError, match=GROUP):
        await ask_coordinator(admin, GROUP, nobody, patience=0.1)


@pytest.mark.long
async def test_lag_is_right_while_the_coordinator_moves(
    three_brokers: Platform, servers: str, admin: Misled, database: Callable[[str], Awaitable[str]]
) -> None:
    coordinator = three_brokers.kafka.brokers[await admin.find_coordinator(GROUP) - 1]
    async with QuiescenceMonitor(
        RunningSystem(servers, {name: await database("") for name in SERVICES}, {})
    ) as monitor:

        async def lag() -> tuple[int, bool]:
            look = await monitor.snapshot()
            return look.lag[GROUP], GROUP in look.uncommitted

        async def right() -> bool:
            """A new coordinator does not know the last commit yet, for as long as its copy is not confirmed."""
            try:
                return await lag() == (SENT - TAKEN, False)
            except KafkaError:
                return False

        assert await lag() == (SENT - TAKEN, False)
        coordinator.kill()
        try:
            await until(right, what="the lag of two brokers")
        finally:
            coordinator.start()
        # It is back and answers, but another one has the group now.
        assert await admin.find_coordinator(GROUP) != coordinator.node
        await until(right, what="the lag of three brokers")
