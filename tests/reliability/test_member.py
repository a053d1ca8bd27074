"""A member of a group whose client is started anew while the brokers are away."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from faststream.kafka import KafkaBroker
from structlog.testing import capture_logs

from ops.platform import Platform
from ops.system import provision
from shared.messaging.group_member import GroupMember
from shared.settings.kafka import Brokers
from tests.support.kafka import send_raw
from tests.support.polling import until


@pytest.mark.long
async def test_a_client_started_anew_outlasts_the_brokers_absence(tmp_path: Path) -> None:
    """Its own stop raises a cancellation then, which must not end the one who watches."""
    taken: list[Any] = []

    async def process(records: Sequence[Any]) -> None:
        taken.extend(records)

    platform = Platform(tmp_path, fresh=True)
    await asyncio.to_thread(platform.start)
    servers = platform.bootstrap_servers
    try:
        await provision.topics(Brokers(servers))
        broker = KafkaBroker(servers, allow_auto_create_topics=False, apply_types=False, logger=None)
        member = GroupMember("requests", "a.group", process)
        member.subscribe(broker, {})
        await broker.start()
        await send_raw(servers, "requests", [{"value": b"before"}])

        # Delivered at least once: what was not committed when the broker died comes again.
        async def came(*values: bytes) -> bool:
            return tuple(dict.fromkeys(record.value for record in taken)) == values

        await until(lambda: came(b"before"), what="the first record taken")
        await asyncio.to_thread(platform.kafka.kill)
        with capture_logs() as lines:
            starting = asyncio.create_task(member._restart(0.1))

            async def tried() -> bool:
                return any(line["event"] == "client not started yet" for line in lines)

            await until(tried, what="a try while the broker is away")
        assert not starting.done()
        await asyncio.to_thread(platform.kafka.start)
        await asyncio.wait_for(starting, 60)
        await send_raw(servers, "requests", [{"value": b"after"}])
        await until(lambda: came(b"before", b"after"), what="the second record taken")
        await broker.stop()
    finally:
        await asyncio.to_thread(platform.stop)
        await asyncio.to_thread(platform.clean)
