"""An analyst reads the topic `stock` from its beginning and prints the daily reports of blank cards as CSV.

Run it beside `make up`, which writes the broker's address into .platform/running.json (it needs aiokafka, in .venv):

    BROKERS=127.0.0.1:PORT .venv/bin/python docs/examples/analyst.py

It only reads: it joins no consumer group and commits no offset, so each run begins at the beginning again.
"""

import asyncio
import csv
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord

REPORTS = {"id.jemputbola.StockReported.v1", "id.jemputbola.StockReportCorrected.v1"}
"""What this program understands: the report of a day, and the whole report again when a late fact changed it."""
COLUMNS = ("office", "day", "opening", "received", "printed", "spoiled", "closing")


async def records(consumer: AIOKafkaConsumer) -> AsyncIterator[ConsumerRecord]:
    """Yield what the topic holds now; the records of one key, here an office, come in their order."""
    ends = await consumer.end_offsets(consumer.assignment())
    while any([await consumer.position(partition) < end for partition, end in ends.items()]):
        for batch in (await consumer.getmany(timeout_ms=1000)).values():
            for record in batch:
                yield record


async def main() -> None:
    """Keep the newest report of each office and day; count what was not understood."""
    reports: dict[tuple[str, str], dict[str, Any]] = {}
    skipped: Counter[str] = Counter()
    brokers = os.environ["BROKERS"]
    async with AIOKafkaConsumer("stock", bootstrap_servers=brokers, auto_offset_reset="earliest") as consumer:
        async for record in records(consumer):
            attributes = dict(record.headers)  # CloudEvents in binary mode: the attributes are headers
            event_type = attributes["ce_type"].decode()
            if event_type not in REPORTS:
                skipped[event_type] += 1
                continue
            # A record may come twice; taking the last report of a day is the same however often it comes.
            report = json.loads(record.value)
            reports[report["office"], report["day"]] = report
    table = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(reports[key] for key in sorted(reports))
    for event_type, count in sorted(skipped.items()):
        print(f"skipped {count} of {event_type}", file=sys.stderr)


asyncio.run(main())
