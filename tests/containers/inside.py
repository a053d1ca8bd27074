"""Runs in the operator's container, as the operator: a question a line in, an answer (JSON) a line out.

quiet    waits until every fact is published and taken
facts    distinct facts by type, read from the topics themselves, and the dead letters of all databases
members  for each host in the group inventory.cases, how many partitions it has
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from ops.system import SERVICES, QuiescenceMonitor
from ops.system.discovery import RunningSystem
from ops.system.topic_reader import read_all
from services.inventory.store.verify import verify
from shared.settings.kafka import KafkaSettings

BROKERS = KafkaSettings().brokers
DSNS = {name: Path(f"/run/secrets/{name}.database_url").read_text() for name in SERVICES}


async def quiet() -> str:
    async with QuiescenceMonitor(RunningSystem(BROKERS.servers, DSNS, {})) as watch:
        await watch.wait(90)
    return "quiet"


async def facts() -> dict[str, Any]:
    seen = {}
    async for record in read_all(BROKERS):
        headers = dict(record.headers)
        seen[headers["ce_id"]] = headers["ce_type"].decode().split(".")[-2]
    return {"facts": Counter(seen.values()), **await databases()}


async def databases() -> dict[str, Any]:
    dead = {}
    for name, dsn in DSNS.items():
        conn = await asyncpg.connect(dsn)
        dead[name] = await conn.fetchval("select count(*) from dead_letter")
        if name == "inventory":
            ledger = await verify(conn)
        await conn.close()
    return {"dead": dead, "ledger": [ledger.sum, len(ledger.differences)]}


async def members() -> dict[str, int]:
    admin = AIOKafkaAdminClient(**BROKERS.client())
    await admin.start()
    (answer,) = await admin.describe_consumer_groups(["inventory.cases"])
    await admin.close()
    found: Counter[str] = Counter()
    for member in answer.to_object()["groups"][0]["members"]:
        if member["member_assignment"]:
            assigned = ConsumerProtocolMemberAssignment.decode(member["member_assignment"]).assignment
            found[member["client_host"]] += sum(len(partitions) for _, partitions in assigned)
    return found


for line in sys.stdin:
    answer = asyncio.run({"quiet": quiet, "facts": facts, "members": members}[line.strip()]())
    print(json.dumps(answer), flush=True)
