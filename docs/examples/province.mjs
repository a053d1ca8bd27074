/* A province's system has stock alerts posted to it (Standard Webhooks) and believes only what is signed.
 *
 * Run it beside `make up`, which prints the address and the token (Node 22 or newer):
 *
 *     npm ci --prefix docs/examples
 *     URL=http://127.0.0.1:PORT TOKEN=$PROVINCIAL node docs/examples/province.mjs
 *
 * In operation the token has the role `subscriber`, and RECEIVER_URL is the https address that leads to this program.
 * Ctrl-C ends the subscription.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const { URL: ORIGIN, TOKEN, PROVINCE = "17", PORT = "0" } = process.env;
/** Told once, in the answer to the subscription; the first message may come before this program has read it. */
const secret = Promise.withResolvers();
/** Ids of messages: each may come again. In operation keep them in a database, in the transaction that acts. */
const received = new Set();

/** Returns the verified event, or null for a message without a good signature. */
async function verified(request) {
  const body = await buffer(request);
  try {
    return new Webhook(await secret.promise).verify(body, request.headers);
  } catch {
    return null;
  }
}

/** Answers 200 to what was verified, and 401 to everything else. */
async function receive(request, response) {
  const event = await verified(request);
  if (event === null) {
    console.log("a message without a good signature");
    response.writeHead(401).end();
  } else if (event.type === "webhook.verification") {
    console.log("challenge answered");
    response.writeHead(200).end(event.data.challenge);
  } else {
    const id = request.headers["webhook-id"];
    if (!received.has(id)) console.log(event.time, event.type, event.subject, event.data.level ?? "");
    received.add(id);
    response.writeHead(204).end();
  }
}

/** Sends a command to the service; throws on a refusal. */
async function command(method, path, body) {
  const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  const answer = await fetch(`${ORIGIN}/api/notify${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

const server = createServer(receive).listen(Number(PORT), "127.0.0.1");
await once(server, "listening");
const url = process.env.RECEIVER_URL ?? `http://127.0.0.1:${server.address().port}/peringatan`;
const subscription = await command("POST", "/subscriptions", { at: new Date().toISOString(), province: PROVINCE, url });
secret.resolve(subscription.secret);
console.log(`subscribed ${subscription.subscription_id} for ${url}`);
await once(process, "SIGINT");
await command("DELETE", `/subscriptions/${subscription.subscription_id}`);
console.log("subscription ended");
process.exit();
