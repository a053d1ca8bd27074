/* A kelurahan's portal files a request for one resident and follows it until the card is handed over.
 *
 * Run it beside `make up`, which prints the address and the token (Node 22 or newer, no packages):
 *
 *     URL=http://127.0.0.1:PORT TOKEN=$OPERATOR node docs/examples/portal.mjs
 *
 * The first letter has two mistakes, to show how errors come back by field.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const { URL: ORIGIN, TOKEN, KELURAHAN = "17.02.06.1004", POLL_SECONDS = "5" } = process.env;
const ENDED = ["handed_over", "rejected", "cancelled"];

/** Returns the answer; asks again, with the same content and headers, while there is none. */
async function ask(method, path, headers = {}, body = undefined) {
  for (let pause of [1, 2, 4, 8, 16]) {
    try {
      const answer = await fetch(`${ORIGIN}/api/requests${path}`, {
        method,
        headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json", ...headers },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      if (![429, 502, 503, 504].includes(answer.status)) return answer;
      pause = Number(answer.headers.get("Retry-After") ?? pause);
    } catch {
      // The connection ended: whether the letter arrived is unknown.
    }
    console.log("no answer, asking again");
    await sleep(pause * 1000);
  }
  throw new Error("no answer: keep the letter and its key, and send both again later");
}

/** Files a letter; returns the request, or null after printing what is wrong with each field. */
async function file(letter, key) {
  const answer = await ask("POST", "/requests", { "Idempotency-Key": key }, letter);
  if (answer.ok) return answer.json();
  const problem = await answer.json(); // application/problem+json (RFC 9457)
  console.log(`${problem.status} ${problem.title}: ${problem.detail}`);
  for (const { field, rule } of problem.errors ?? []) console.log(`  ${field}: ${rule}`);
  return null;
}

/** Prints each stage of the resident's case once, until the request has ended. */
async function follow(requestId) {
  for (let shown = 0; ; await sleep(Number(POLL_SECONDS) * 1000)) {
    const answer = await ask("GET", `/requests/${requestId}`);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const request = await answer.json();
    const { stages } = request.cases[0];
    for (const { at, stage } of stages.slice(shown)) console.log(`${at}  ${stage}`);
    if (ENDED.includes(request.stage)) return;
    shown = stages.length;
  }
}

const now = new Date();
const resident = { name: "Siti Sintetis", birth_date: "1950-01-31", sex: "W", address: "Jalan Sintetis 1" };
Object.assign(resident, { service: "first", reason: "tua" });
const letter = { at: now.toISOString(), kelurahan: KELURAHAN, kind: "home_visit", consent: "warga" };
letter.letter = { number: `470/${now.getTime() % 1_000_000}`, date: now.toISOString().slice(0, 10) };
Object.assign(letter, { documents_complete: true, residents: [resident] });
const key = randomUUID(); // one a letter: store it with the letter before the first attempt
let filed = await file(letter, key);
if (filed === null) {
  Object.assign(resident, { sex: "P", reason: "lansia" });
  filed = await file(letter, key); // a refused letter left nothing behind: its key is still free
}
if (filed !== null) {
  console.log(`filed ${filed.request_id}, tracking code ${filed.cases[0].tracking}`);
  await follow(filed.request_id);
}
