// What stands in for a page that is not on the device: says so, and what can be done; the list as it was seen last.
import { clock, made, say } from './antrean.js';
import { listen, state } from './antrean-sending.js';
import { list } from './antrean-store.js';

const AGAIN = 5000;
const words = JSON.parse(document.getElementById('kata').textContent);
const isList = location.pathname === '/permohonan';
const place = document.getElementById('daftar'), sentence = document.getElementById('luring');
let shownFor;

const away = () => !state.up || (!state.trouble && !navigator.onLine) ? 'offline' : 'server';

function when(at) {
  const time = clock(at);
  return time.includes(' ') ? time : say(words, 'at', { time });
}

// Roles, for on a phone the table is laid out as cards.
function table({ head, rows }) {
  const row = (...cells) => made('tr', { role: 'row' }, ...cells);
  const cell = (text, n) => made(n ? 'td' : 'th', n ? { role: 'cell' } : { scope: 'row', role: 'rowheader' }, text);
  const titles = head.map((name) => made('th', { scope: 'col', role: 'columnheader' }, name));
  return made('table', { className: 'list', role: 'table' }, made('caption', {}, words.caption),
    made('thead', { role: 'rowgroup' }, row(...titles)),
    made('tbody', { role: 'rowgroup' }, ...rows.map((each) => row(...each.map(cell)))));
}

async function show() {
  const { owner } = state, key = `${owner?.operator} ${away()}`;
  if (shownFor === key) return;
  shownFor = key;
  const kept = isList && owner ? await list(owner) : null;
  document.querySelector('h1').textContent = words[isList ? 'list' : `title_${away()}`];
  sentence.textContent = kept ? say(words, `as_of_${away()}`, { when: when(kept.at) })
    : `${words[away()]} ${words[isList ? owner ? 'no_list' : 'locked' : 'not_kept']}`;
  place.replaceChildren(...kept ? [kept.rows.length ? table(kept) : made('p', {}, words.empty)] : []);
  document.querySelectorAll('[data-not-list]').forEach((part) => { part.hidden = isList; });
}

// Nothing is typed here: once the server is back, the page that was asked for opens by itself. Where only that page had
// failed, it is asked for again after a while; each time once, for another reload would break off the first.
let due = false;
function look(now) {
  if (!now.up || now.trouble) due = true;
  else if (due && now.met) {
    due = false;
    return location.reload();
  }
  return show();
}

listen(look);
setTimeout(() => { due = true; look(state); }, AGAIN);
document.getElementById('coba').onclick = () => location.reload();
