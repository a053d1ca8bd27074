// Photos of a resident's papers: made small and sealed on the device at once, named in the entry, and sent after it.
import { made, say } from './antrean.js';
import { state } from './antrean-sending.js';
import { keepPhoto } from './antrean-store.js';
import { words } from './form-errors.js';
import { shrunk } from './shrink.js';

const MOST = 10, LARGEST = 10 * 1024 * 1024, KB = 1024;
const listed = (block) => block.querySelector('[name$=".photos"]');
const photosOf = (block) => JSON.parse(listed(block).value || '[]');

function put(block, photos) {
  listed(block).value = photos.length ? JSON.stringify(photos) : '';
  show(block);
  block.dispatchEvent(new Event('input', { bubbles: true }));
}

export function prepare(block) {
  block.querySelector('.photos').addEventListener('change', async ({ target }) => {
    if (target.type !== 'file' || !target.files.length || !state.owner) return;
    const [file] = target.files;
    target.value = '';
    await add(block, file);
  });
}

async function add(block, file) {
  const said = block.querySelector('.photos .said'), which = block.querySelector('.photos select');
  if (photosOf(block).length >= MOST) { said.textContent = say(words, 'photos_most', { n: MOST }); return; }
  said.textContent = words.photo_shrinking;
  try {
    const small = await shrunk(file);
    if (small.size > LARGEST) { said.textContent = words.photo_large; return; }
    const id = crypto.randomUUID();
    await keepPhoto(state.owner, id, await small.arrayBuffer());
    said.textContent = say(words, 'photo_kept', { size: Math.ceil(small.size / KB) });
    // A paper that is photographed was shown.
    block.querySelector(`[name$=".documents"][value="${which.value}"]`).checked = true;
    put(block, [...photosOf(block), { id, document: which.value, name: which.selectedOptions[0].textContent, size: small.size }]);
  } catch (error) {
    said.textContent = `${words.not_kept} (${error.name})`;
  }
}

// The list as the entry has it; only when it is another, for a button that has the focus keeps it.
export function show(block) {
  const { value } = listed(block), list = block.querySelector('.photos ul');
  if (list.dataset.of === value) return;
  list.dataset.of = value;
  list.replaceChildren(...photosOf(block).map(({ id, name, size }) => made('li', {},
    `${name}, ${Math.ceil(size / KB)} KB `,
    made('button', { type: 'button', className: 'plain', ariaLabel: `${words.remove}: ${name}`, onclick: () => remove(block, id) }, words.remove))));
}

function remove(block, id) {
  const before = photosOf(block), said = block.querySelector('.photos .said');
  const undo = made('button', { type: 'button', className: 'plain', onclick: () => { said.textContent = ''; put(block, before); } }, words.undo);
  put(block, before.filter((each) => each.id !== id));
  said.replaceChildren(`${words.photo_removed} `, undo);
  undo.focus();
}
