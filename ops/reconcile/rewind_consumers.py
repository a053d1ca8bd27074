"""Rewinds the consumer groups of a service that forgot: its inbox drops what it knows, the rest takes effect."""

from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from ops.platform import PlatformError
from ops.system.consumer_groups import GROUPS, topic_of
from ops.system.discovery import Reachable, brokers_of
from shared.contract.events import PARTITIONS
from shared.settings.kafka import Brokers


async def rewind_consumers(system: Reachable, service: str, since: datetime | None = None) -> dict[str, int]:
    """Set the groups of a stopped service back to `since`, or to the beginning of their topics. Returns how many
    records each will take again. Raises PlatformError while the service runs, or when the broker refuses.
    """
    groups = [group for group in GROUPS if group.startswith(f"{service}.")]
    return {group: await _rewind(brokers_of(system), group, since) for group in groups}


async def _rewind(brokers: Brokers, group: str, since: datetime | None) -> int:
    partitions = [TopicPartition(topic_of(group), number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(**brokers.client(), group_id=group, enable_auto_commit=False, request_timeout_ms=5000)
    try:
        await consumer.start()
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        starts = await consumer.beginning_offsets(partitions)
        if since is not None:
            found = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
            starts = {each: at.offset if (at := found[each]) else ends[each] for each in partitions}
        # The broker refuses whoever is no member, unless the group has none.
        await consumer.commit({each: OffsetAndMetadata(offset, "") for each, offset in starts.items()})
    except KafkaError as error:
        raise PlatformError(
            f"{group} tidak dapat dimundurkan: {type(error).__name__}",
            f"hentikan dahulu {group.partition('.')[0]}; grupnya bebas beberapa detik kemudian",
        ) from error
    finally:
        await consumer.stop()
    return sum(ends[each] - offset for each, offset in starts.items())
