/* An analyst reads the topic `stock` from its beginning and prints the daily reports of blank cards as CSV.
 *
 * Run it beside `make up`, which writes the broker's address into .platform/running.json (Node 22.22 or 24):
 *
 *     npm ci --prefix docs/examples
 *     BROKERS=127.0.0.1:PORT node docs/examples/analyst.mjs
 *
 * It only reads: its consumer group is new in each run and commits no offset, so each run begins at the beginning.
 */
import { randomUUID } from "node:crypto";
import { Consumer, ListOffsetTimestamps, stringDeserializers } from "@platformatic/kafka";

const TOPIC = "stock";
/** What this program understands: the report of a day, and the whole report again when a late fact changed it. */
const REPORTS = ["id.jemputbola.StockReported.v1", "id.jemputbola.StockReportCorrected.v1"];
const COLUMNS = ["office", "day", "opening", "received", "printed", "spoiled", "closing"];

/** Yields what the topic holds now; the records of one key, here an office, come in their order. */
async function* records(consumer) {
  const offsets = async (timestamp) => (await consumer.listOffsets({ topics: [TOPIC], timestamp })).get(TOPIC);
  const begins = await offsets(ListOffsetTimestamps.EARLIEST);
  const ends = await offsets(ListOffsetTimestamps.LATEST);
  let left = ends.filter((end, partition) => begins[partition] < end).length;
  if (left === 0) return;
  const stream = await consumer.consume({ topics: [TOPIC], mode: "earliest", autocommit: false });
  for await (const record of stream) {
    if (record.offset < ends[record.partition]) yield record;
    if (record.offset === ends[record.partition] - 1n) left -= 1;
    if (left === 0) return;
  }
}

const reports = new Map();
const skipped = new Map();
const consumer = new Consumer({
  groupId: `analyst-${randomUUID()}`,
  bootstrapBrokers: process.env.BROKERS.split(","),
  deserializers: stringDeserializers,
});
for await (const { headers, value } of records(consumer)) {
  const type = headers.get("ce_type"); // CloudEvents in binary mode: the attributes are headers
  if (REPORTS.includes(type)) {
    // A record may come twice; taking the last report of a day is the same however often it comes.
    const report = JSON.parse(value);
    reports.set(`${report.office} ${report.day}`, report);
  } else {
    skipped.set(type, (skipped.get(type) ?? 0) + 1);
  }
}
await consumer.close(true);
console.log(COLUMNS.join(","));
for (const key of [...reports.keys()].sort()) console.log(COLUMNS.map((name) => reports.get(key)[name]).join(","));
for (const type of [...skipped.keys()].sort()) console.error(`skipped ${skipped.get(type)} of ${type}`);
