// Keeps a page fresh: every part marked `data-live` is taken anew from the page's own address, and nothing else is
// touched: what is typed, ticked or open stays, and so does the place of whoever reads.
import { fetched } from './session.js';

const EVERY = 20000, FOLLOWED = 1500, AGE_EVERY = 1000, SOON = 500;
const age = document.getElementById('umur');
let asked = Date.now(), stale = false, soon = SOON;

const touched = (field) => field.type === 'checkbox' ? field.checked !== field.defaultChecked
  : field.matches('select') ? [...field.options].some((each) => each.selected !== each.defaultSelected)
  : field.value !== field.defaultValue;
const busy = (part) => [...part.querySelectorAll('input, select, textarea')].some(touched);
const named = (element) => element?.id ? `#${CSS.escape(element.id)}` : element?.getAttribute('href') && `a[href="${CSS.escape(element.getAttribute('href'))}"]`;

function swap(part, fresh) {
  if (fresh.innerHTML === part.told || busy(part)) return;
  const focus = part.contains(document.activeElement) && (named(document.activeElement) || ':not(*)');
  const open = [...part.querySelectorAll('details[open][id]')].map((details) => details.id);
  part.told = fresh.innerHTML;
  part.replaceChildren(...fresh.childNodes);
  open.forEach((id) => document.getElementById(id)?.setAttribute('open', ''));
  if (focus) keepFocus(part, focus);
}

function keepFocus(part, name) {
  const again = part.querySelector(name) ?? part;
  if (again === part) part.tabIndex = -1;
  again.focus({ preventScroll: true });
}

// Takes the live parts anew, and besides them what goes by these ids.
export async function refresh(...ids) {
  try {
    const said = await fetched(location.href, { headers: { Accept: 'text/html' } });
    if (!said.ok) throw new Error(said.status);
    const page = new DOMParser().parseFromString(await said.text(), 'text/html');
    for (const id of ids) document.getElementById(id)?.replaceWith(page.getElementById(id));
    for (const part of document.querySelectorAll('[data-live]')) {
      const fresh = page.getElementById(part.id);
      if (fresh) swap(part, fresh);
    }
    document.dispatchEvent(new Event('refreshed'));
    asked = Date.now();
    stale = false;
    document.dispatchEvent(new Event('fresh'));
  } catch {
    stale = true;
  }
  tellAge();
  lookSoon();
}

// What another service is about to answer (`data-soon`) is there in a moment; the longer it takes, the more seldom it
// is looked for.
function lookSoon() {
  if (!document.querySelector('[data-soon]')) soon = SOON;
  else if (soon < EVERY) setTimeout(() => reading() && refresh(), soon *= 2);
}

function tellAge() {
  if (!age) return;
  const seconds = Math.round((Date.now() - asked) / 1000);
  const words = seconds < 2 ? age.dataset.now
    : seconds < 60 ? age.dataset.ago.replace('#', seconds) : age.dataset.minutes.replace('#', Math.floor(seconds / 60));
  age.textContent = `${stale ? age.dataset.stale : age.dataset.updated} ${words}`;
  age.classList.toggle('trouble', stale);
}

const reading = () => !document.hidden && !document.querySelector('dialog[open]');

async function keepLooking() {
  if (reading()) await refresh();
  setTimeout(keepLooking, EVERY);
}

// What says where its version is asked for (`data-follows`) is taken anew within moments of a change, and only then.
let version = null;
async function follow(address) {
  if (reading()) {
    try {
      const said = await fetched(address, { cache: 'no-store', headers: version ? { 'If-None-Match': version } : {} });
      const first = version === null;
      if (said.status === 204) version = said.headers.get('ETag');
      if (said.status === 204 && !first) await refresh();
      else if (said.ok || said.status === 304) asked = Date.now(), stale = false;
    } catch {
      stale = true;
    }
    tellAge();
  }
  setTimeout(follow, FOLLOWED, address);
}

for (const part of document.querySelectorAll('[data-live]')) part.told = part.innerHTML;
document.documentElement.classList.add('awake');
document.addEventListener('visibilitychange', () => reading() && refresh());
setInterval(tellAge, AGE_EVERY);
const followed = document.querySelector('[data-follows]');
if (followed) follow(followed.dataset.follows);
setTimeout(keepLooking, EVERY);
lookSoon();
