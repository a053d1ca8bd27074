// What this device keeps of an operator's work: sealed under the operator's own key, which no script can read out.
// Rows of others stay where they are, unreadable, until their owner logs in here again.
const MONTH = 30 * 86400e3;
const SHIFT = 12 * 3600e3;  // A session's longest life: after it the device locks by itself.
const QUEUE = 'antrean', NOTES = 'catatan', OWNER = 'petugas', LIST = 'daftar';
let opened;

// A browser closes a database of its own accord: when it runs low, or another version of the page asks for it.
function database() {
  return opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open('jemput-bola', 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(QUEUE, { keyPath: 'number', autoIncrement: true });
      asked.result.createObjectStore(NOTES);
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => { opened = undefined; asked.result.close(); };
      asked.result.onclose = () => { opened = undefined; };
      resolve(asked.result);
    };
    asked.onerror = () => { opened = undefined; reject(asked.error); };
  });
}

// Resolves once it is on the disk: what the page calls kept survives a power cut. All of it, or nothing.
async function within(stores, mode, work) {
  const transaction = await begun(stores, mode);
  const asked = work(...stores.map((store) => transaction.objectStore(store)));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function begun(stores, mode, again = true) {
  try {
    return (await database()).transaction(stores, mode, { durability: 'strict' });
  } catch (error) {
    // Closed, and nobody told.
    if (!again || error.name !== 'InvalidStateError') throw error;
    opened = undefined;
    return begun(stores, mode, false);
  }
}

const note = (name) => within([NOTES], 'readonly', (notes) => notes.get(name));
const write = (name, value) => within([NOTES], 'readwrite', (notes) => notes.put(value, name));
const erase = (name) => within([NOTES], 'readwrite', (notes) => notes.delete(name));

export const language = () => note('bahasa');
export const speak = (language) => write('bahasa', language);

// Log out: nobody reads on here, whether or not the server heard of it yet.
export async function lock(leaving = false) {
  await within([NOTES], 'readwrite', (notes) => { notes.delete(LIST); return notes.delete(OWNER); });
  if (leaving) await write('keluar', true);
}
export const leaving = () => note('keluar');
export const left = () => erase('keluar');

const text = new TextEncoder();

const bound = (owner, place, iv) => ({ name: 'AES-GCM', iv, additionalData: text.encode(`${owner.operator}/${place}`) });

async function sealBytes(owner, place, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt(bound(owner, place, iv), owner.key, bytes) };
}
const openBytes = (owner, place, { iv, data }) => crypto.subtle.decrypt(bound(owner, place, iv), owner.key, data);

const seal = (owner, place, value) => sealBytes(owner, place, text.encode(JSON.stringify(value)));
const open = async (owner, place, sealed) => JSON.parse(new TextDecoder().decode(await openBytes(owner, place, sealed)));

// Whoever works here, as last told by the server; null when locked.
export async function owner() {
  const kept = await note(OWNER);
  if (!kept || kept.until < Date.now()) return null;
  const { operator, key, print } = kept;
  return { operator, key, print, ...await open(kept, OWNER, kept.sealed) };
}

// The server said who works here. Another operator's key goes; the same operator's rows move to a new key.
export async function meet({ operator, queue_key: given, ...told }) {
  const bytes = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
  const print = [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].slice(0, 8).join();
  const before = await owner();
  const same = before?.operator === operator && before.print === print;
  const key = same ? before.key : await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const now = { operator, key, print };
  if (before?.operator === operator && !same) await move(before, now);
  if (before?.operator !== operator && (await note(LIST))?.operator !== operator) await erase(LIST);
  await write(OWNER, { ...now, until: Date.now() + SHIFT, sealed: await seal(now, OWNER, told) });
  return { ...now, ...told };
}

async function move(before, now) {
  for (const { number, state, key, content } of await rows(before)) if (content) await put(now, { number, state, key, content });
  for (const { note: name, at, content } of await drafts(before)) await write(name, { ...await seal(now, 'draf', content), at });
  await keepCodes(now, await codes(before));
  for (const id of await photos(before)) await keepPhoto(now, id, await photo(before, id));
}

// A row: {number, key, state, content}; content is null for what this key does not open.
export async function rows(owner) {
  const all = await within([QUEUE], 'readonly', (queue) => queue.getAll());
  const own = all.filter((row) => row.operator === owner.operator);
  return Promise.all(own.map(async ({ number, key, state, sealed }) => (
    { number, key, state, content: await open(owner, key, sealed).catch(() => null) })));
}

async function sealed(owner, { number, key, state, content }) {
  const row = { operator: owner.operator, key, state, sealed: await seal(owner, key, content) };
  return number ? { number, ...row } : row;
}

export async function put(owner, content) {
  const row = await sealed(owner, content);
  return within([QUEUE], 'readwrite', (queue) => queue.put(row));
}

// The draft becomes an entry of the queue.
export async function file(owner, content) {
  const row = await sealed(owner, content);
  return within([QUEUE, NOTES], 'readwrite', (queue, notes) => { notes.delete(draftOf(owner)); return queue.put(row); });
}

// An entry of the queue becomes the draft.
export async function reopen(owner, number, content) {
  const kept = await seal(owner, 'draf', content);
  return within([QUEUE, NOTES], 'readwrite', (queue, notes) => { notes.put(kept, draftOf(owner)); return queue.delete(number); });
}

export const drop = (number) => within([QUEUE], 'readwrite', (queue) => queue.delete(number));

// Each tab writes a draft of its own (form-drafts.js); before there were several, a device had one without a tab's name.
let tab = '';
export const writeAs = (name) => { tab = name; };
const draftOf = (owner) => `draf/${owner.operator}/${tab}`;

// All drafts of an operator that this key opens, the newest last.
async function drafts(owner) {
  const names = await within([NOTES], 'readonly', (notes) => notes.getAllKeys());
  const own = names.filter((name) => name === `draf/${owner.operator}` || name.startsWith(`draf/${owner.operator}/`));
  const found = await Promise.all(own.map(async (name) => {
    const kept = await note(name);
    return { note: name, tab: name.split('/')[2], at: kept?.at ?? 0, content: kept && await open(owner, 'draf', kept).catch(() => null) };
  }));
  return found.filter(({ content }) => content).sort((one, other) => one.at - other.at);
}
export const draftsLeft = async (owner) => (await drafts(owner)).filter(({ note: name }) => name !== draftOf(owner));

// A draft that a closed tab left becomes this tab's, unless another tab took it in the same moment.
export const adopt = (owner, { note: from }) => within([NOTES], 'readwrite', (notes) => {
  const asked = notes.get(from);
  asked.onsuccess = () => { if (asked.result) { notes.put(asked.result, draftOf(owner)); notes.delete(from); } };
  return asked;
});

// The same, to an entry of the queue.
export async function shelve(owner, { note: from }, content) {
  const row = await sealed(owner, content);
  return within([QUEUE, NOTES], 'readwrite', (queue, notes) => {
    const asked = notes.get(from);
    asked.onsuccess = () => { if (asked.result) { queue.put(row); notes.delete(from); } };
    return asked;
  });
}

export async function draft(owner) {
  const kept = await note(draftOf(owner));
  return kept ? open(owner, 'draf', kept).catch(() => null) : null;
}
export const keepDraft = async (owner, content) => write(draftOf(owner), { ...await seal(owner, 'draf', content), at: Date.now() });
export const dropDraft = (owner) => erase(draftOf(owner));

// The list of requests as its owner saw it last: gone when they log out, or another comes.
export const keepList = async (owner, seen) => write(LIST, { operator: owner.operator, ...await seal(owner, LIST, seen) });
export async function list(owner) {
  const kept = await note(LIST);
  return kept?.operator === owner.operator ? open(owner, LIST, kept).catch(() => null) : null;
}

// Photos of papers, until they were sent.
const photoOf = (owner, id) => `foto/${owner.operator}/${id}`;
export const keepPhoto = async (owner, id, bytes) => write(photoOf(owner, id), { at: Date.now(), ...await sealBytes(owner, id, bytes) });
export async function photo(owner, id) {
  const kept = await note(photoOf(owner, id));
  return kept ? openBytes(owner, id, kept).catch(() => null) : null;
}
export async function photos(owner) {
  const names = await within([NOTES], 'readonly', (notes) => notes.getAllKeys(IDBKeyRange.bound(photoOf(owner, ''), photoOf(owner, '\uffff'))));
  return names.map((name) => name.slice(photoOf(owner, '').length));
}
export const dropPhotos = (owner, ids) => Promise.all(ids.map((id) => erase(photoOf(owner, id))));

// What no entry names: taken back while typing, or of a draft that nobody went on with for a month.
export async function dropOldPhotos(owner, named) {
  for (const id of await photos(owner)) {
    if (!named.includes(id) && (await note(photoOf(owner, id)))?.at < Date.now() - MONTH) await dropPhotos(owner, [id]);
  }
}

// Tracking codes: free to be given, and given with what their slip shows.
const codesOf = (owner) => `kode/${owner.operator}`;
export async function codes(owner) {
  const kept = await note(codesOf(owner));
  return (kept && await open(owner, 'kode', kept).catch(() => null)) ?? { free: [], given: [] };
}
export const keepCodes = async (owner, held) => write(codesOf(owner), await seal(owner, 'kode', held));
