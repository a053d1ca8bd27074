// The picker of a kelurahan: a combobox (ARIA 1.2) over the operator's own, without a line; over the server's for more.
import { made, say } from './antrean.js';
import { call, state } from './antrean-sending.js';

const MOST = 8;
const plain = (text) => text.toLowerCase().normalize('NFD').replace(/[^a-z0-9]/g, '');

// How well a kelurahan answers to what was typed; the lower the better, Infinity for not at all.
function rank(item, typed) {
  const names = [item.name, ...item.aliases ?? []].map(plain);
  const at = Math.min(...names.map((name) => name.startsWith(typed) ? 0 : name.includes(typed) ? 2 : Infinity));
  return Math.min(at, plain(item.kecamatan).startsWith(typed) ? 3 : Infinity, item.code.replaceAll('.', '').startsWith(typed) ? 1 : Infinity);
}

async function search(text) {
  const typed = plain(text);
  const own = state.owner?.kelurahan ?? [];
  const ranked = own.map((item) => [rank(item, typed), item]).filter(([at]) => at < Infinity);
  if (ranked.length || !typed) return ranked.sort(([a, x], [b, y]) => a - b || x.name.localeCompare(y.name)).map(([, item]) => item);
  const said = await call(`/api/requests/wilayah?q=${encodeURIComponent(text)}&dalam=${state.owner?.wilayah ?? ''}`);
  return said?.ok ? (await said.json()).items : [];
}

export function picker(field, words, chosen) {
  const input = field.querySelector('[role=combobox]'), code = field.querySelector('[type=hidden]'), list = field.querySelector('[role=listbox]');
  let items = [], active = -1, asked = 0;

  function close() {
    list.hidden = true;
    active = -1;
    input.ariaExpanded = 'false';
    input.removeAttribute('aria-activedescendant');
  }

  function point(at) {
    active = (at + items.length) % items.length;
    [...list.children].forEach((option, number) => { option.ariaSelected = String(number === active); });
    list.children[active].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', list.children[active].id);
  }

  function take(item) {
    code.value = item.code;
    input.value = item.name;
    close();
    chosen();
  }

  function option(item, number) {
    const also = item.aliases?.length ? ` · ${say(words, 'also', { names: item.aliases.join(', ') })}` : '';
    const where = [say(words, 'kecamatan', { name: item.kecamatan }), item.kabupaten].filter(Boolean).join(', ');
    const made_ = made('li', { id: `${list.id}-${number}`, role: 'option', ariaSelected: 'false' }, made('span', {}, item.name), made('small', {}, where + also));
    made_.onpointerdown = (event) => { event.preventDefault(); take(item); };
    return made_;
  }

  async function open() {
    const mine = ++asked;
    const found = (await search(input.value)).slice(0, MOST);
    if (mine !== asked || document.activeElement !== input) return;
    items = found;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    list.replaceChildren(...items.length ? items.map(option) : [made('li', { className: 'none', role: 'option', ariaDisabled: 'true', ariaSelected: 'false' }, words.kelurahan_none)]);
    list.hidden = false;
    input.ariaExpanded = 'true';
  }

  input.addEventListener('input', () => { code.value = ''; open(); });
  input.addEventListener('focus', () => code.value || open());
  input.addEventListener('click', () => list.hidden && !code.value && open());
  input.addEventListener('blur', () => {
    asked++;
    const exact = items.filter((item) => [item.name, ...item.aliases ?? []].some((name) => plain(name) === plain(input.value)));
    if (!code.value && exact.length === 1) take(exact[0]);
    close();
  });
  input.addEventListener('keydown', (event) => {
    const { key } = event;
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) open();
      else if (items.length) point(key === 'ArrowDown' ? active + 1 : active < 0 ? items.length - 1 : active - 1);
    } else if (key === 'Enter' && !list.hidden) {
      event.preventDefault();
      if (active >= 0) take(items[active]);  // nothing that was not pointed at
    } else if (key === 'Escape') {
      close();
    }
  });
}
