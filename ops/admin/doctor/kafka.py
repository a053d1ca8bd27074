"""The brokers: who is there, whether topics are as provisioned, and whether every group is at work."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from ops.admin.consumer_groups import groups
from ops.admin.doctor.result import CheckResult, failed, passed
from ops.admin.output import duration
from ops.system.provision import RETENTION_MS
from shared.contract.events import PARTITIONS, TOPICS

PROVISION = "`python -m ops provision` membuat yang belum ada"
WAITED = 60.0


async def check_kafka(admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> AsyncIterator[CheckResult]:
    """All lines of the cluster."""
    cluster = await admin.describe_cluster()
    yield passed("kafka", f"{len(cluster['brokers'])} broker, pengendali {cluster['controller_id']}")
    described = {each["topic"]: each for each in await admin.describe_topics([topic.name for topic in TOPICS])}
    settings = await _settings(admin)
    for topic in TOPICS:
        for line in _topic(topic.name, described[topic.name]["partitions"], settings.get(topic.name, {})):
            yield line
    for group in await groups(admin, reader):
        if group.trouble:
            yield failed("grup", f"{group.name}: {group.trouble}", f"lihat log {group.name.partition('.')[0]}")
        elif group.oldest is not None and group.oldest > WAITED:
            said = f"{group.name}: {group.lag} peristiwa menunggu, tertua {duration(group.oldest)}"
            yield failed("grup", said, "`python -m ops lag --watch`; log layanannya menyebut sebabnya")
        else:
            yield passed("grup", f"{group.name}: {len(group.members)} anggota, {group.lag} menunggu")


def _topic(name: str, partitions: list[Any], settings: dict[str, str]) -> Iterator[CheckResult]:
    if not partitions:
        yield failed("topik", f"{name}: tidak ada", PROVISION)
        return
    if len(partitions) != PARTITIONS:
        said = f"{name}: {len(partitions)} partisi, bukan {PARTITIONS}"
        yield failed("topik", said, "buat ulang topik kosong; jumlah partisi tidak boleh berubah selagi berisi")
        return
    led = [p for p in partitions if p["leader"] >= 0]
    behind = [p for p in partitions if set(p["isr"]) < set(p["replicas"])]
    needed = int(settings.get("min.insync.replicas", 1))
    short = [p for p in partitions if len(p["isr"]) < needed]
    kept = int(settings.get("retention.ms", RETENTION_MS))
    if len(led) < PARTITIONS or short:
        yield failed(
            "topik",
            f"{name}: {max(PARTITIONS - len(led), len(short))} partisi tidak menerima tulisan",
            "jalankan broker yang mati",
        )
    elif behind:
        yield failed(
            "topik", f"{name}: {len(behind)} partisi kurang salinan", "jalankan broker yang mati, tunggu ia menyusul"
        )
    elif kept < RETENTION_MS:
        yield failed("topik", f"{name}: disimpan {kept / 86_400_000:.0f} hari saja", "atur retention.ms ke 14 hari")
    else:
        copies = len(partitions[0]["replicas"])
        yield passed("topik", f"{name}: {PARTITIONS} partisi, {copies} salinan, {kept / 86_400_000:.0f} hari")


async def _settings(admin: AIOKafkaAdminClient) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in TOPICS]
    found = {}
    for response in await admin.describe_configs(resources):
        for code, message, _, name, entries in response.resources:
            if code:
                raise for_code(code)(f"settings of topic {name}: {message}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
