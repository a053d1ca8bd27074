// The residents of a request: blocks that come and go, and what one entry of a block means for the others.
import { made, say } from './antrean.js';
import { state } from './antrean-sending.js';
import { ageOn, dayOf, echo, spoken, today, written, yearOf } from './days.js';
import { fieldOf, tell, warn, words } from './form-errors.js';
import { prepare, show } from './form-photos.js';
import { birthDate, differences, digits, fault } from './form-nik.js';

const all = document.getElementById('warga'), template = document.getElementById('blok');
const NUMBERED = /(residents[.-]|warga-)(#|\d+)/;
const AHEAD = 10000;

export const blocks = () => [...all.querySelectorAll('.resident')];
export const part = (block, name) => block.querySelector(`[name$=".${name}"]`);
export const field = (block, name) => block.querySelector(`[data-field$=".${name}"]`);
const hasKind = (kind) => document.querySelector(`[name=kind][value=${kind}]`).checked;

function number(block, to) {
  for (const element of [block, ...block.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (NUMBERED.test(value)) element.setAttribute(name, value.replaceAll(new RegExp(NUMBERED, 'g'), `$1${to}`));
    }
  }
  block.querySelector('h2').textContent = words.resident.replace('#', to + 1);
}

function renumber() {
  // By way of numbers nobody has: of radio buttons that share a name for a moment the browser unticks one.
  blocks().forEach((block, at) => number(block, AHEAD + 1 + at));
  blocks().forEach(number);
  const only = blocks().length === 1 && hasKind('home_visit');
  blocks().forEach((block) => { block.querySelector('.remove').hidden = only; });
  document.getElementById('tambah').hidden = hasKind('home_visit') && blocks().length >= 20;
}

export function add() {
  const block = template.content.firstElementChild.cloneNode(true);
  block.querySelector('.remove').onclick = () => remove(block);
  prepare(block);
  all.append(block);
  renumber();
  usual(block);
  update(block);
  return block;
}

// What is usual in a drive stands in a block until something else is chosen there.
function usual(block) {
  if (!hasKind('drive')) return;
  for (const name of ['service', 'reason']) {
    const chosen = document.querySelector(`[name="drive.usual_${name}"]`).value, field = part(block, name);
    if (!field.value || field.value === field.dataset.usual) field.value = field.dataset.usual = chosen;
  }
}

// What a kind of place suggests, until something else is chosen.
const OF_PLACE = { school: 'pelajar', prison: 'warga_binaan' };

export function usualChosen(name) {
  const reason = document.querySelector('[name="drive.usual_reason"]'), place = document.querySelector('[name="drive.place"]').value;
  if (name === 'drive.place' && ['', ...Object.values(OF_PLACE)].includes(reason.value)) reason.value = OF_PLACE[place] ?? '';
  blocks().forEach((block) => { usual(block); update(block); });
}

// Nobody typed anything in it, beyond what is usual.
const untouched = (block) => [...block.querySelectorAll('[name]')].every((field) => ['checkbox', 'radio'].includes(field.type) ? !field.checked : !field.value || field.value === field.dataset.usual);

function remove(block) {
  const name = part(block, 'name').value || block.querySelector('h2').textContent;
  const undo = made('button', { type: 'button', className: 'plain' }, words.undo);
  const gone = made('p', { className: 'card gone', role: 'status' }, `${say(words, 'removed', { name })} `, undo);
  undo.onclick = () => { number(block, AHEAD); gone.replaceWith(block); renumber(); changed(block); part(block, 'name').focus(); };
  block.replaceWith(gone);
  renumber();
  changed(gone);
  undo.focus();
}

const changed = (element) => element.dispatchEvent(new Event('input', { bubbles: true }));

// Exactly so many, empty.
export function reset(count) {
  all.replaceChildren();
  for (let made = 0; made < count; made++) add();
}

export function settle() {
  if (hasKind('home_visit') && !blocks().length) add();
  // The list of a drive follows: an empty resident would only be in the way.
  if (hasKind('drive') && blocks().length === 1 && untouched(blocks()[0])) all.replaceChildren();
  renumber();
  blocks().forEach(update);
}

export const nikOf = (block) => { const nik = part(block, 'nik').value; return nik && !fault(nik) ? digits(nik) : null; };

export const statedOf = (block) => dayOf(part(block, 'birth_date').value);

// As far as it is known: by the birth date, by its year alone, or by the NIK.
export function isMinor(block) {
  const year = yearOf(part(block, 'birth_date').value), nik = nikOf(block);
  const born = statedOf(block) ?? (year ? `${year}-01-01` : nik && birthDate(nik, today()));
  return Boolean(born) && ageOn(born, today()) < 17;
}

// What stands in one field decides which others are asked.
export function update(block) {
  const service = part(block, 'service').value, nik = nikOf(block), stated = statedOf(block);
  if (block.service !== service) Object.assign(block, { missing: null, onHold: false });
  const minor = isMinor(block);
  field(block, 'photo_reason').hidden = service !== 'photo';
  field(block, 'recorded_before').hidden = !['first', 'move_in'].includes(service);
  field(block, 'marital_status').hidden = !minor;
  echo(part(block, 'birth_date'));
  papers(block, service, minor);
  hints(block, nik, stated);
  show(block);
}

// The papers a service asks for, as the office's policy has them.
function papers(block, service, minor) {
  const known = state.owner?.policy.services[service]?.papers ?? {}, married = !['', 'belum_kawin'].includes(part(block, 'marital_status').value);
  const applies = ({ when }) => when === 'always' || (when === 'married_under_age' && minor && married);
  const needed = (name) => block.missing?.includes(name) || (known[name]?.required && applies(known[name]));
  const group = field(block, 'documents'), boxes = [...group.querySelectorAll('input')];
  group.hidden = !service;
  for (const box of boxes) {
    box.parentElement.hidden = !box.checked && !needed(box.value) && !(known[box.value] && applies(known[box.value]));
    box.parentElement.classList.toggle('extra', !needed(box.value));
  }
  const lacking = boxes.filter((box) => !box.checked && needed(box.value));
  const said = lacking.length ? say(words, 'missing', { names: lacking.map(nameOf).join(', ') }) : words.complete;
  group.querySelector('.missing').textContent = block.onHold ? `${said} ${words.on_hold}` : said;
}

const nameOf = (box) => box.nextElementSibling.textContent.trim();

// What the server said of a resident: papers of this service that were not shown, and a card that waits.
export function lacks(block, { missing, print_on_hold: onHold }) {
  Object.assign(block, { missing, onHold, service: part(block, 'service').value });
  update(block);
}

function hints(block, nik, stated) {
  const typed = digits(part(block, 'nik').value), found = [];
  const sex = block.querySelector('[name$=".sex"]:checked')?.value;
  if (typed && typed.length < 16 && document.activeElement === part(block, 'nik')) found.push(say(words, 'nik_progress', { n: typed.length }));
  if (nik && !part(block, 'birth_date').value) found.push(offer(block, birthDate(nik, today())));
  const differs = nik ? differences(nik, { stated, sex }) : [];
  if (differs.includes('nik.birth_date_differs')) found.push(`${say(words, 'w_nik_date', { date: spoken(birthDate(nik, today())) })} `);
  if (differs.includes('nik.sex')) found.push(words.w_nik_sex);
  warn(field(block, 'nik'), ...found);
}

function offer(block, date) {
  const born = part(block, 'birth_date');
  const take = () => { born.value = written(date); tell(fieldOf(born.name), null); changed(born); born.focus(); };
  return made('button', { type: 'button', className: 'plain', onclick: take }, say(words, 'nik_date', { date: spoken(date) }));
}
