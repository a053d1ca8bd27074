// The letter number: the next one is put forward, never filled in by itself; one that was used before is told of.
import { made } from './antrean.js';
import { call, state } from './antrean-sending.js';
import { dayOf, today } from './days.js';
import { fieldOf, placeWarnings, tell, warn, words } from './form-errors.js';
import { now } from './moment.js';
import { following } from './numbers.js';

const ADDRESS = '/api/requests/requests/check/number', NAME = 'letter.number';
const { elements } = document.getElementById('formulir'), input = elements[NAME], field = fieldOf(NAME);
const lasts = new Map();
let before = null, offers = [], repeated = {};

async function ask(question) {
  const body = JSON.stringify({ at: now(), ...question });
  const said = await call(ADDRESS, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  return said?.ok ? said.json().catch(() => null) : null;
}

// The letter before: the newest that waits here, else the last that the server has.
function last(kelurahan) {
  const waiting = state.rows.filter(({ state: at, content }) => ['waiting', 'stuck', 'asked'].includes(at) && content?.body?.kelurahan === kelurahan);
  const { last_letter: known, kelurahan: own } = state.owner ?? {};
  return waiting.at(-1)?.content.body.letter ?? lasts.get(kelurahan) ?? (own?.length === 1 && own[0].code === kelurahan ? known : null);
}

async function hear(kelurahan) {
  if (!kelurahan || lasts.has(kelurahan) || !state.owner || !state.up || state.login) return;
  lasts.set(kelurahan, null);
  const told = await ask({ kelurahan });
  if (!told) lasts.delete(kelurahan);
  else lasts.set(kelurahan, told.last);
  if (told?.last) propose();
}

// While the field is empty: the number of the letter that is filed again, and the next one.
export function propose() {
  const kelurahan = elements.kelurahan.value, place = field.querySelector('.warning');
  hear(kelurahan);
  if (input.value.trim()) {
    offers = [];
    if (!('server' in place.dataset)) warn(field);
    return;
  }
  delete place.dataset.server;
  const letter = kelurahan && last(kelurahan), next = letter && following(letter.number, letter.date, today());
  offers = [...before ? [['number_same', before]] : [], ...next && next !== before ? [['number_next', next]] : []];
  warn(field, ...offers.map(([word, number]) => made('span', { className: 'offer' }, `${words[word]} `, made('button', { type: 'button', className: 'plain', onclick: () => take(number) }, number))));
}

function take(number) {
  input.value = number;
  tell(field, null);
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.focus();
}

// What is filed again has a number already; null for any other.
export function filedAgain(number) {
  before = number;
  propose();
}

// A letter was filed from here: which one is the last is to be asked again.
export const used = (kelurahan) => lasts.delete(kelurahan);

// Whether this number was used before, while the rest of the letter is still being typed.
export async function repeats() {
  const number = input.value.trim(), kelurahan = elements.kelurahan.value;
  if (!number || !kelurahan) return;
  const question = { kelurahan, number, date: dayOf(elements['letter.date'].value) }, key = JSON.stringify(question);
  if (repeated.key !== key) repeated = { key, answer: ask(question) };
  const { answer } = repeated, told = await answer;
  if (!told) repeated = {};  // To be asked again with the next key.
  else if (repeated.answer === answer && input.value.trim() === number) placeWarnings(told.warnings.map((each) => ({ ...each, field: NAME })), field);
}

input.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || input.value.trim() || !offers.length) return;
  event.preventDefault();
  take(offers[0][1]);
});
