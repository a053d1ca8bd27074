// Photos of papers go out once their request was accepted: one at a time, each once under its own Idempotency-Key.
import { callWith, pulse, refresh, state } from './antrean-line.js';
import * as store from './antrean-store.js';
import { uploaded } from './upload.js';

const FILE = '/api/requests/requests', TRIES = 3, PLACE = /^residents\.(\d+)\.photos$/;
const REFUSED = [400, 403, 404, 409, 413, 415, 422];

// What an entry names, each with the place of its resident.
export function photosOf({ snapshot, body }) {
  return Object.entries(snapshot.values).flatMap(([name, [list]]) => {
    const [, place] = PLACE.exec(name) ?? [];
    return place ? JSON.parse(list).map((photo) => ({ ...photo, place: Number(place), at: body?.at })) : [];
  });
}

// Beside the queue: a large file holds up no request.
export async function sendPhotos() {
  if (!state.rows.some(waits)) return;
  await navigator.locks.request('lampiran', { ifAvailable: true }, async (lock) => {
    while (lock && state.owner && !state.login && await sendNext(state.owner));
  });
}

const waits = ({ state: at, content }) => at === 'sent' && content?.photos?.some(({ problem }) => !problem);

// True when one is settled, and the next may go.
async function sendNext(owner) {
  const row = (await store.rows(owner)).find(waits);
  if (!row) return false;
  const photo = row.content.photos.find(({ problem }) => !problem);
  const body = await store.photo(owner, photo.id);
  const said = body && photo.case ? await callWith(() => uploaded(addressOf(row, photo), { headers: headersOf(photo), body, told: tell })) : undefined;
  state.percent = null;
  const told = await said?.json().catch(() => null);
  if (said?.status === 401) return false;
  const left = { ...photo, tries: (photo.tries ?? 0) + 1 };
  if (said === undefined) left.problem = 'lost';
  else if (said?.status === 201) left.done = true;
  else if (REFUSED.includes(said?.status) && told?.title) left.problem = told.errors?.[0]?.rule ?? told.detail;
  else if (!said || said.status === 429 || said.status >= 502 || !await pulse()) return false;
  else if (left.tries >= TRIES) left.problem = 'fails';
  await settle(owner, row, left);
  return Boolean(left.done || left.problem);
}

const addressOf = ({ content }, photo) => `${FILE}/${content.answer.request_id}/cases/${photo.case}/attachments?document=${photo.document}&at=${encodeURIComponent(photo.at)}`;
const headersOf = ({ id }) => ({ 'Content-Type': 'application/octet-stream', 'Idempotency-Key': id });

function tell(percent) {
  if (state.percent === percent) return;
  state.percent = percent;
  refresh(true);
}

async function settle(owner, row, photo) {
  const photos = row.content.photos.flatMap((each) => each.id !== photo.id ? [each] : photo.done ? [] : [photo]);
  await store.put(owner, { ...row, content: { ...row.content, photos } });
  if (photo.done || photo.problem) await store.dropPhotos(owner, [photo.id]);
  await refresh();
}

// What was refused, or lost, is no more to be shown.
export async function forget(row) {
  await store.put(state.owner, { ...row, content: { ...row.content, photos: row.content.photos.filter(({ problem }) => !problem) } });
  await refresh();
}
