// The queue goes out in order, each entry once: under its own Idempotency-Key, however often the line drops.
// What the server refuses waits to be mended, what looks as if it had been filed before to be decided upon; what fails again and again while the server is there steps aside, and is
// tried more seldom. Neither holds up the rest; anything else is tried again.
import { restock, withCodes } from './antrean-codes.js';
import { call, calmFor, felt, listen, plain, pulse, refresh, state, tabs, typing } from './antrean-line.js';
import { photosOf, sendPhotos } from './antrean-photos.js';
import * as store from './antrean-store.js';
import { learn } from './moment.js';

const EVERY = 2000, CALM = 15000, AGAIN = 300000, KEPT_SENT = 20, TRIES = 3;
const REFUSED = [400, 403, 409, 413, 415, 422], AWAY = [429, 502, 503, 504];
const FILE = '/api/requests/requests', KEY = 'kunci';
let asked = 0, pause = 0;

export { call, listen, refresh, state, typing };

// Another tab changed something; it may be that its owner logged out, or in.
tabs.onmessage = async () => {
  state.owner = await store.owner();
  await refresh(true);
  if (state.login || !state.owner) await meet();
};

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
export const file = async (content) => added(store.file, 'waiting', await withCodes(content));
// To be gone on with later.
export const park = (content) => added(store.put, 'draft', content);

// What may have arrived before keeps its key, so that it never arrives twice.
async function added(how, at, content) {
  const key = content.snapshot.values[KEY]?.[0] || crypto.randomUUID();
  const number = await how(state.owner, { key, state: at, content });
  await refresh();
  return number;
}

// What may be on its way is changed between two attempts, if it is still what the page showed.
const between = (work) => navigator.locks.request('antrean', work);

async function changed({ number, state: at }, to, more) {
  const row = (await store.rows(state.owner)).find((each) => each.number === number);
  if (row?.state !== at) return null;
  await store.put(state.owner, { ...row, state: to, content: { ...row.content, ...more } });
  return row;
}

export async function change(row, to, more = {}) {
  await between(() => changed(row, to, more));
  await refresh();
}

// Somebody looked at what may have been filed before, and it goes all the same.
export const anyway = (row) => change(row, 'waiting', { body: { ...row.content.body, ask_first: false } });

// To be opened: from now on it is a draft. Null for what was sent meanwhile.
export async function take(number) {
  const row = state.rows.find((each) => each.number === number);
  return ['refused', 'asked', 'draft', 'waiting', 'stuck'].includes(row?.state) ? between(() => changed(row, 'draft')) : null;
}

// At once, with what stepped aside.
export async function sendNow() {
  pause = 0;
  for (const row of state.rows) if (row.state === 'stuck') await change(row, 'waiting', { tries: 0 });
  if (state.login) await meet();
  await drain();
}

// What a wrong clock dated goes again, by the server's: as long ago as the device says, from the time that it is there.
export function byServer({ content, ...row }) {
  const { problem, body } = content, ahead = Date.parse(problem.heard) - Date.parse(problem.server_time);
  const at = new Date(Date.parse(body.at) - ahead).toISOString();
  return change(row, 'waiting', { at, body: { ...body, at } });
}

export async function drop(number) {
  await store.drop(number);
  await refresh();
}

// One tab at a time, and one entry: between two of them an entry can be opened or removed.
export async function drain() {
  while (await navigator.locks.request('antrean', { ifAvailable: true }, next));
}

async function next(lock) {
  if (!lock || !state.owner || state.login || Date.now() < pause) return false;
  const { owner } = state, rows = (await store.rows(owner)).filter((row) => row.content);
  const row = rows.find((each) => each.state === 'waiting') ?? rows.find((each) => each.state === 'stuck' && each.content.again < Date.now());
  return Boolean(row) && send(owner, row);
}

// True when the entry is settled, or steps aside, and the next may go.
async function send(owner, { number, key, content }) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key, 'X-Petugas': owner.operator };
  const said = await call(FILE, { method: 'POST', headers, body: JSON.stringify(content.body) });
  const told = await said?.json().catch(() => null);
  if (said?.status === 201 && told?.request_id) {
    const { at, label } = content;
    const photos = photosOf(content).map(({ place, ...photo }) => ({ ...photo, case: told.cases[place]?.case_id }));
    await settle(owner, { number, key, state: 'sent', content: { at, label, answer: told, photos, sent: new Date().toISOString() } });
    sendPhotos();
    return true;
  }
  if (said?.status === 409 && told?.errors?.some(({ field }) => field === 'X-Petugas')) {
    await meet();  // Somebody else is logged in by now.
    return false;
  }
  if (REFUSED.includes(said?.status) && told?.title) {
    learn(told);
    const problem = { ...told, heard: new Date().toISOString() };
    // Refused for what it says: so it had not arrived before.
    const known = said.status !== 403 && !told.errors?.some(({ field }) => field === 'Idempotency-Key');
    const step = told.asks === 'file_anyway' ? 'asked' : 'refused';
    await settle(owner, { number, key, state: step, content: { ...(known ? withKey(content) : content), problem } });
    return true;
  }
  if (said?.status === 401) return false;
  return await failed(owner, { number, key, content: withKey(content, key) }, said);
}

// An entry opened again takes its key with it while nobody knows whether it arrived.
function withKey(content, key) {
  const { [KEY]: _, ...values } = content.snapshot.values;
  return { ...content, snapshot: { ...content.snapshot, values: key ? { ...values, [KEY]: [key] } : values } };
}

// No answer, or none that settles it. Only a server that is well otherwise counts against the entry.
async function failed(owner, row, said) {
  const away = !said || AWAY.includes(said.status) || !await pulse();
  const tries = (row.content.tries ?? 0) + (away ? 0 : 1), aside = tries >= TRIES;
  const fault = { status: said?.status, foreign: Boolean(said?.ok) || !said?.headers.get('Content-Type')?.includes('json') };
  const content = { ...row.content, tries, ...away ? {} : { fault, again: Date.now() + AGAIN } };
  if (said) pause = aside ? 0 : Date.now() + 1000 * (Number(said.headers.get('Retry-After')) || 2 ** (tries || 1));
  await store.put(owner, { ...row, state: aside ? 'stuck' : 'waiting', content });
  if (aside) await refresh();
  return aside;
}

async function settle(owner, row) {
  await store.put(owner, row);
  const sent = (await store.rows(owner)).filter(({ state: at, content }) => at === 'sent' && !content?.photos?.length);
  for (const { number } of sent.slice(0, -KEPT_SENT)) await store.drop(number);
  await refresh();
}

// Where an entry stands once the server has answered, or after so long: 'sent', 'refused', 'asked' or 'waiting'.
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
  if (state.rows.some((row) => ['waiting', 'stuck'].includes(row.state))) await drain();
  sendPhotos();
  restock();
  if (state.met && calmFor() > calm) await pulse();
  setTimeout(tick, EVERY);
}

// Removals are final once the page is opened anew.
async function clear() {
  const named = [];
  for (const { number, state: at, content } of await store.rows(state.owner)) {
    const ids = (content?.snapshot ? photosOf(content) : content?.photos ?? []).map(({ id }) => id);
    named.push(...ids);
    if (at !== 'removed') continue;
    await store.drop(number);
    await store.dropPhotos(state.owner, ids);
  }
  await store.dropOldPhotos(state.owner, named);
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
