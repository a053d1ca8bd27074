// Who is who on a page: one look, which is written down, gives the names of all cases that it shows. Where somebody hid
// the names nothing is asked for, and nobody is read; that is kept on the device.
import { fetched } from './session.js';

const HIDDEN = 'nama-tersembunyi', SPOKEN = ['data-title', 'data-done', 'data-told', 'aria-label'];
const known = new Map(), before = new WeakMap();
const places = () => [...document.querySelectorAll('[data-cases]')];
// A case by its id, and by how often it was corrected where the page says so: then the name is asked for again.
const casesOf = (place) => place.dataset.cases.split(' ').map((id) => [id, place.dataset.version ?? ''].join(' '));
const hidden = () => localStorage.getItem(HIDDEN) === '1';

async function ask() {
  const wanted = [...new Set(places().flatMap(casesOf))].filter((each) => !known.has(each)).slice(0, 150);
  if (!wanted.length) return;
  const cases = wanted.map((each) => each.split(' ')[0]);
  // Before the answer: what was erased is not asked for again with every change of the page.
  wanted.forEach((each) => known.set(each, ''));
  const headers = { 'Content-Type': 'application/json' };
  try {
    const said = await fetched('/api/requests/cases/names', { method: 'POST', headers, body: JSON.stringify({ cases }) });
    if (!said.ok) throw new Error(said.status);
    const { names } = await said.json();
    wanted.forEach((each, at) => known.set(each, names[cases[at]] ?? ''));
  } catch {
    wanted.forEach((each) => known.delete(each));
  }
}

// What stood there before there were names.
function plain(element, attribute) {
  const kept = before.get(element) ?? before.set(element, {}).get(element);
  return kept[attribute ?? ''] ??= attribute ? element.getAttribute(attribute) : element.textContent;
}

// Buttons and dialogs about a resident speak of the name too, in place of "warga 7".
function call(place, name) {
  const number = new RegExp(`${plain(place)}\\b`, 'i');
  for (const button of place.closest('article')?.querySelectorAll('[data-title], [aria-label]') ?? []) {
    for (const attribute of SPOKEN.filter((each) => button.hasAttribute(each))) {
      button.setAttribute(attribute, plain(button, attribute).replace(number, (said) => name || said));
    }
  }
}

function show() {
  for (const place of places()) {
    const names = hidden() ? [] : casesOf(place).map((each) => known.get(each)).filter(Boolean);
    const text = names.length ? [names.join(', '), place.dataset.more].filter(Boolean).join(' ') : plain(place);
    if (place.textContent !== text) place.textContent = text;
    if (place.matches('.called')) call(place, names[0]);
  }
  document.getElementById('sembunyikan-nama')?.setAttribute('aria-pressed', String(hidden()));
}

async function naming() {
  show();
  if (!hidden()) await ask();
  show();
  document.documentElement.classList.add('named');
}

document.addEventListener('click', ({ target }) => {
  if (!target.closest('#sembunyikan-nama')) return;
  localStorage.setItem(HIDDEN, hidden() ? '0' : '1');
  naming();
});
document.addEventListener('refreshed', naming);
naming();
