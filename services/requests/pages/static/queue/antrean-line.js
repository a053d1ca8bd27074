// The line: whether the server is there, who works here, and what the device has of theirs; pages listen.
import * as store from './antrean-store.js';

const PATIENCE = 15000;

// owner: who works here, as the device knows (`known`) or the server said (`met`); up, trouble, since: the line;
// login: the session is over, and the queue waits for its owner; typing: a request is open here that was not filed yet;
// percent: how far a file is on its way.
export const state = { owner: null, known: false, met: false, up: true, trouble: false, since: null, login: false, typing: false, rows: [], percent: null };
const heard = new Set();
export const tabs = new BroadcastChannel('antrean');
let pulsed = 0, renewing = null;

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

export function felt(up, trouble = false) {
  const changed = up !== state.up || trouble !== state.trouble;
  if (changed) Object.assign(state, { up, trouble, since: up && !trouble ? null : state.since ?? new Date() });
  if (changed) heard.forEach((hear) => hear(state));
}

async function heardOf(asked, signal) {
  try {
    const said = await asked;
    felt(true, said.status >= 500);
    return said;
  } catch {
    if (!signal?.aborted) felt(false);
    return null;
  }
}

export const plain = (address, options = {}) => heardOf(fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE), ...options }), options.signal);

// A session's cookie lasts minutes and is made anew as long as the person may be in.
export const call = (address, options) => twice(() => plain(address, options));
export const callWith = (asking) => twice(() => heardOf(asking()));

async function twice(ask) {
  const said = await ask();
  if (said?.status !== 401) return said;
  renewing ??= plain('/masuk/segarkan', { method: 'POST' }).finally(() => { renewing = null; });
  const renewed = await renewing;
  if (renewed?.status !== 401) return renewed?.ok ? ask() : null;
  if (!state.login) {
    state.login = true;
    await refresh();
  }
  return said;
}

// Whether this server is there: another one on the line, of a proxy or a Wi-Fi's login, is as good as none.
export async function pulse() {
  pulsed = Date.now();
  const said = await plain('/permohonan/denyut');
  if (said && said.status < 500 && said.status !== 204) felt(false);
  return said?.status === 204;
}

export const calmFor = () => Date.now() - pulsed;
