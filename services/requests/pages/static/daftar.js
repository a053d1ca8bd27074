// The list of requests is kept on the device as its owner saw it last, whole and unfiltered, to be read without a line.
import { listen } from './antrean-sending.js';
import { keepList } from './antrean-store.js';

const whole = [...new URLSearchParams(location.search).keys()].every((name) => name === 'bahasa');
const list = document.getElementById('daftar');
let owner = null;

// As it is shown: what is hidden on this screen is not kept either.
const shown = (cell) => cell.innerText.trim().replace(/\s*\n\s*/g, ' · ');

function seen() {
  const table = list.querySelector('table');
  const head = table ? [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim()) : [];
  return { at: new Date().toISOString(), head, rows: table ? [...table.tBodies[0].rows].map((row) => [...row.cells].map(shown)) : [] };
}

const keep = () => owner && keepList(owner, seen());

if (whole && list) {
  listen((state) => {
    if (!state.met || state.login || state.owner?.operator === owner?.operator) return;
    owner = state.owner;
    keep();
  });
  document.addEventListener('fresh', keep);
}
