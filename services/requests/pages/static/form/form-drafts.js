// Each tab has a draft of its own, under a name that it holds as long as it lives. A tab that is reloaded takes its name
// again; a duplicated one, which brings the name along, gets another. What a closed tab left goes on in the next one.
import { refresh } from './antrean-sending.js';
import * as store from './antrean-store.js';

const PATIENCE = 1000;

// Resolves once the name is this tab's until it is closed; false when another tab has it.
function hold(name) {
  return new Promise((resolve) => {
    const held = () => { resolve(true); return new Promise(() => {}); };
    navigator.locks.request(`draf/${name}`, { signal: AbortSignal.timeout(PATIENCE) }, held).catch(() => resolve(false));
  });
}

async function named() {
  const before = sessionStorage.getItem('tab');
  if (before && await hold(before)) return before;
  const name = crypto.randomUUID();
  sessionStorage.setItem('tab', name);
  await hold(name);
  return name;
}

let mine;

// The draft to go on with: this tab's own, or the newest of those that closed tabs left. The others of these go to the
// queue, where each can be opened. `labelled` makes of a draft what the queue calls it by.
export async function take(owner, labelled) {
  store.writeAs(await (mine ??= named()));
  const own = await store.draft(owner);
  const held = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  const left = (await store.draftsLeft(owner)).filter(({ tab }) => !held.has(`draf/${tab}`));
  const next = own ? null : left.pop();
  if (next) await store.adopt(owner, next);
  for (const draft of left) await store.shelve(owner, draft, { key: crypto.randomUUID(), state: 'draft', content: labelled(draft) });
  if (left.length) await refresh();
  return own ?? store.draft(owner);
}
