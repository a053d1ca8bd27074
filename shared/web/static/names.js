// Who is who on a page: one look, which is written down, gives the names of all cases that it shows. Where somebody hid
// the names nothing is asked for, and nobody is read; that is kept on the device.
import { fetched } from './session.js';

const HIDDEN = 'nama-tersembunyi', known = new Map();
const button = document.getElementById('sembunyikan-nama');
const places = () => [...document.querySelectorAll('[data-cases]')];
const casesOf = (place) => place.dataset.cases.split(' ');
const hidden = () => localStorage.getItem(HIDDEN) === '1';

async function ask() {
  const cases = [...new Set(places().flatMap(casesOf))].filter((each) => !known.has(each)).slice(0, 150);
  if (!cases.length) return;
  // Before the answer: what was erased, or does not come, is not asked for again with every change of the page.
  cases.forEach((each) => known.set(each, ''));
  const headers = { 'Content-Type': 'application/json' };
  try {
    const said = await fetched('/api/requests/cases/names', { method: 'POST', headers, body: JSON.stringify({ cases }) });
    if (!said.ok) throw new Error(said.status);
    for (const [id, name] of Object.entries((await said.json()).names)) known.set(id, name);
  } catch {
    cases.forEach((each) => known.delete(each));
  }
}

function show() {
  for (const place of places()) {
    const names = hidden() ? [] : casesOf(place).map((each) => known.get(each)).filter(Boolean);
    place.dataset.without ??= place.textContent;
    const text = names.length ? [names.join(', '), place.dataset.more].filter(Boolean).join(' ') : place.dataset.without;
    if (place.textContent !== text) place.textContent = text;
  }
  button?.setAttribute('aria-pressed', String(hidden()));
}

export async function naming() {
  if (!hidden()) await ask();
  show();
  document.documentElement.classList.add('named');
}

button?.addEventListener('click', () => {
  localStorage.setItem(HIDDEN, hidden() ? '0' : '1');
  naming();
});
document.addEventListener('refreshed', naming);
naming();
