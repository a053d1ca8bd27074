// The queue goes out in order, each entry once: under its own Idempotency-Key, however often the line drops.
// What the server refuses waits to be mended and does not hold up the rest; anything else is tried again.
import * as store from './antrean-store.js';
import { learn } from './moment.js';

const EVERY = 2000, CALM = 15000, AGAIN = 300000, PATIENCE = 15000, KEPT_SENT = 20;
const REFUSED = [400, 403, 409, 413, 415, 422];
const FILE = '/api/requests/requests';

// owner: who works here, as the device knows (`known`) or the server said (`met`); up, trouble, since: the line;
// login: the session is over, and the queue waits for its owner; typing: a request is open here that was not filed yet.
export const state = { owner: null, known: false, met: false, up: true, trouble: false, since: null, login: false, typing: false, rows: [] };
const heard = new Set(), tabs = new BroadcastChannel('antrean');
let asked = 0, pulsed = 0, pause = 0, renewing = null;

export function listen(hear) {
  heard.add(hear);
  if (state.known) hear(state);
}

export function typing(is) {
  if (state.typing === is) return;
  state.typing = is;
  heard.forEach((hear) => hear(state));
}

export async function refresh(elsewhere = false) {
  state.rows = state.owner ? await store.rows(state.owner) : [];
  if (!elsewhere) tabs.postMessage('');
  heard.forEach((hear) => hear(state));
}

// Another tab changed something; it may be that its owner logged out, or in.
tabs.onmessage = async () => {
  state.owner = await store.owner();
  await refresh(true);
  if (state.login || !state.owner) await meet();
};

function felt(up, trouble = false) {
  const changed = up !== state.up || trouble !== state.trouble;
  if (changed) Object.assign(state, { up, trouble, since: up && !trouble ? null : state.since ?? new Date() });
  if (changed) heard.forEach((hear) => hear(state));
}

async function plain(address, options = {}) {
  try {
    const said = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE), ...options });
    felt(true, said.status >= 500);
    return said;
  } catch {
    if (!options.signal?.aborted) felt(false);
    return null;
  }
}

// A session's cookie lasts minutes and is made anew as long as the person may be in.
export async function call(address, options) {
  const said = await plain(address, options);
  if (said?.status !== 401) return said;
  renewing ??= plain('/masuk/segarkan', { method: 'POST' }).finally(() => { renewing = null; });
  const renewed = await renewing;
  return renewed?.status === 401 ? said : renewed?.ok ? plain(address, options) : null;
}

// Ask the server who works here. Without an answer whoever was last here goes on.
export async function meet() {
  const before = `${state.owner?.operator} ${state.login}`;
  if (await store.leaving()) {
    if (!(await plain('/keluar', { method: 'POST' }))?.ok) return;
    await store.left();
  }
  const said = await call('/permohonan/saya');
  const told = said?.ok ? await said.json().catch(() => null) : null;
  if (told?.queue_key) {
    state.owner = await store.meet(told);
    state.login = false;
  } else if (said?.status === 401) {
    state.login = true;
  } else if (said?.status === 403) {
    await store.lock();
    Object.assign(state, { owner: null, login: true });
  }
  state.met = Boolean(told) || state.login;
  asked = Date.now();
  await refresh(before === `${state.owner?.operator} ${state.login}`);
}

// To be sent: in place of the draft, in one step.
export const file = (content) => added(store.file, 'waiting', content);
// To be gone on with later.
export const park = (content) => added(store.put, 'draft', content);

async function added(how, at, content) {
  const number = await how(state.owner, { key: crypto.randomUUID(), state: at, content });
  await refresh();
  return number;
}

export async function change(row, to) {
  await store.put(state.owner, { ...row, state: to });
  await refresh();
}

// What a wrong clock dated goes again, by the server's: as long ago as the device says, from the time that it is there.
export function byServer({ content, ...row }) {
  const { problem, body } = content, ahead = Date.parse(problem.heard) - Date.parse(problem.server_time);
  const at = new Date(Date.parse(body.at) - ahead).toISOString();
  return change({ ...row, content: { ...content, at, body: { ...body, at } } }, 'waiting');
}

export async function drop(number) {
  await store.drop(number);
  await refresh();
}

// One tab at a time: the rows are read under the lock.
export function drain() {
  return navigator.locks.request('antrean', { ifAvailable: true }, async (lock) => {
    if (!lock || !state.owner || state.login || Date.now() < pause) return;
    const owner = state.owner;
    for (const row of await store.rows(owner)) {
      if (row.state === 'waiting' && row.content && !(await send(owner, row))) break;
    }
  });
}

// True when the entry is settled and the next may go.
async function send(owner, { number, key, content }) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key, 'X-Petugas': owner.operator };
  const said = await call(FILE, { method: 'POST', headers, body: JSON.stringify(content.body) });
  const told = await said?.json().catch(() => null);
  if (said?.status === 201 && told?.request_id) {
    const { at, label } = content;
    await settle(owner, { number, key, state: 'sent', content: { at, label, answer: told, sent: new Date().toISOString() } });
    return true;
  }
  if (said?.status === 409 && told?.errors?.some(({ field }) => field === 'X-Petugas')) {
    await meet();  // Somebody else is logged in by now.
    return false;
  }
  if (REFUSED.includes(said?.status) && told?.title) {
    learn(told);
    const problem = { ...told, heard: new Date().toISOString() };
    await settle(owner, { number, key, state: 'refused', content: { ...content, problem } });
    return true;
  }
  if (said?.status === 401) {
    state.login = true;
    await refresh();
  }
  if (said?.status === 429 || said?.status >= 500) pause = Date.now() + 1000 * (Number(said.headers.get('Retry-After')) || 2);
  return false;
}

async function settle(owner, row) {
  await store.put(owner, row);
  const sent = (await store.rows(owner)).filter(({ state }) => state === 'sent');
  for (const { number } of sent.slice(0, -KEPT_SENT)) await store.drop(number);
  await refresh();
}

// Where an entry stands once the server has answered, or after so long: 'sent', 'refused' or 'waiting'.
export async function outcome(number, patience = 5000) {
  const deadline = Date.now() + patience;
  for (;;) {
    await drain();
    const row = (await store.rows(state.owner)).find((each) => each.number === number);
    if (!row || row.state !== 'waiting' || !state.up || state.trouble || state.login || Date.now() > deadline) return row;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

async function tick() {
  const now = Date.now(), calm = document.hidden ? Infinity : state.up && !state.trouble ? CALM : EVERY;
  if (!state.met || (state.login && now - asked > AGAIN)) await meet();
  if (state.rows.some((row) => row.state === 'waiting')) await drain();
  else if (state.met && now - pulsed > calm) await pulse();
  setTimeout(tick, EVERY);
}

async function pulse() {
  pulsed = Date.now();
  await plain('/permohonan/denyut');
}

// Removals are final once the page is opened anew.
async function clear() {
  for (const { number, state: at } of await store.rows(state.owner)) if (at === 'removed') await store.drop(number);
}

export async function begin() {
  state.owner = await store.owner();
  state.known = true;
  if (state.owner) await clear();
  await refresh();
  addEventListener('online', drain);
  addEventListener('offline', () => felt(false));
  document.addEventListener('visibilitychange', () => !document.hidden && (state.login || Date.now() - asked > 60000) && meet());
  await tick();
}
