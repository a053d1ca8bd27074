// The page "Permohonan baru": checked while typed, kept on the device at once, sent by the queue.
import { clock, say } from './antrean.js';
import { anyway, call, file, listen, outcome, park, refresh, state, take as taken, typing } from './antrean-sending.js';
import { now } from './moment.js';
import * as store from './antrean-store.js';
import { echo } from './days.js';
import { suggest } from './form-consent.js';
import { copyOf, fetched, keptOf, wanted } from './form-copy.js';
import { done, question } from './form-done.js';
import { take } from './form-drafts.js';
import { clear, faulty, fieldOf, place, placeWarnings, shrink, sumUp, tell, words } from './form-errors.js';
import { recognise } from './form-known.js';
import { filedAgain, propose, repeats, used } from './form-number.js';
import { picker } from './form-picker.js';
import * as residents from './form-residents.js';
import { bodyOf, fields, snapshot, wrong } from './form-rules.js';

const KEEP_AFTER = 300, CHECK_AFTER = 700;
const form = document.getElementById('formulir'), result = document.getElementById('hasil'), locked = document.getElementById('terkunci');
const button = document.getElementById('ajukan'), kept = document.getElementById('simpanan'), note = document.getElementById('salinan');
const label = button.textContent;
let owner = null, pristine = '', written = '', saving, checking, asking, taking = false;

// --- what stands in the form --------------------------------------------------------------------------------------

function empty(keep = {}) {
  form.reset();
  residents.reset(1);
  const { kelurahan } = state.owner ?? {};
  if (kelurahan?.length === 1) keep = { ...keep, kelurahan: kelurahan[0].code, kelurahan_name: kelurahan[0].name };
  for (const [name, value] of Object.entries(keep)) form.elements[name].value = value;
  kindChosen();
  clear();
  pristine = JSON.stringify(snapshot());
  written = '';
  kept.textContent = '';
  typing(false);
}

function fill({ residents: count, values }) {
  form.reset();
  residents.reset(count);
  for (const each of form.elements) {
    const given = values[each.name];
    if (!each.name) continue;
    if (['checkbox', 'radio'].includes(each.type)) each.checked = Boolean(given?.includes(each.value));
    else each.value = given?.[0] ?? '';
  }
  kindChosen();
  clear();
  typing(dirty());
}

function kindChosen() {
  const kind = form.elements.kind.value;
  form.querySelectorAll('[data-kind]').forEach((part) => { part.hidden = part.dataset.kind !== kind; });
  residents.settle();
  suggest();
  propose();
  optional();
  echo(form.elements['letter.date']);
}

// A contact has both name and number: once one is there the other may not stay empty.
function optional() {
  const none = ['contact.name', 'contact.phone'].every((name) => !form.elements[name].value.trim());
  for (const said of form.querySelectorAll('.optional')) said.hidden = !none || form.elements.kind.value === 'drive';
}

const dirty = () => JSON.stringify(snapshot()) !== pristine;
const titled = ({ residents: count, values }) => ({ kelurahan: values.kelurahan_name?.[0], letter: values['letter.number']?.[0], residents: count });

async function keepDraft() {
  clearTimeout(saving);
  if (!owner || taking || form.hidden) return;
  // What is there already is not written again: of drafts that closed tabs left, the one typed last goes on.
  const entry = snapshot(), text = JSON.stringify(entry);
  if (!dirty()) await store.dropDraft(owner);
  else if (text !== written) await store.keepDraft(owner, entry);
  written = text;
  delete kept.dataset.unsaved;
  if (!dirty()) return;
  kept.textContent = say(words, 'saved', { time: clock(new Date()) });
}

// --- checked while typed ------------------------------------------------------------------------------------------

// At a field that is left, or one that is being mended.
function look(field, leaving) {
  if (!field || faulty.has(field)) return;
  const sentence = wrong(field);
  if (!sentence || leaving || field.classList.contains('wrong')) tell(field, sentence);
  // A field may mend another: a NIK stands for a birth date, a resident's address for the visit's.
  for (const other of form.querySelectorAll('.field.wrong')) if (!faulty.has(other) && !wrong(other)) tell(other, null);
  shrink();
}

function typed({ target }) {
  const field = target.closest('[data-field]'), block = target.closest('.resident');
  if (target.name === 'kind') kindChosen();
  if (/^drive\.(place|usual_)/.test(target.name)) residents.usualChosen(target.name);
  if (block) residents.update(block);
  suggest();
  propose();
  optional();
  typing(dirty());
  faulty.delete(field);
  look(field, target.name?.endsWith('.nik') && target.value.length >= 16);
  clearTimeout(saving);
  saving = setTimeout(keepDraft, KEEP_AFTER);
  kept.dataset.unsaved = '';
  clearTimeout(checking);
  asking?.abort();  // what is answered is no more what stands here
  checking = setTimeout(askServer, CHECK_AFTER);
}

async function askServer() {
  asking?.abort();
  if (!state.up || state.login || !owner || form.inert) return;
  if (fields().some(wrong)) return void [recognise(), repeats()];
  const { signal } = asking = new AbortController();
  const body = bodyOf(snapshot(), now());
  const said = await call('/api/requests/requests/check', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal });
  if (signal.aborted || !said?.ok) return;
  const { errors = [], warnings = [], residents: found = [] } = await said.json();
  faulty.forEach((field) => tell(field, wrong(field)));
  faulty.clear();
  place(errors);
  found.forEach((one, number) => residents.blocks()[number] && residents.lacks(residents.blocks()[number], one));
  placeWarnings(warnings);
  if (!errors.length) kept.textContent = words.checked;
}

// --- filed --------------------------------------------------------------------------------------------------------

async function submit(event) {
  event.preventDefault();
  if (form.inert || !owner) return;
  [saving, checking].forEach(clearTimeout);
  asking?.abort();
  faulty.clear();
  fields().forEach((field) => tell(field, wrong(field)));
  if (sumUp()) return;
  const at = now(), entry = snapshot();
  form.inert = true;
  button.textContent = words.sending;
  try {
    const number = await file({ at, label: titled(entry), body: { ...bodyOf(entry, at), ask_first: true }, snapshot: entry });
    await settled(await outcome(number), entry);
  } catch (error) {
    sumUp([{ rule: `${words.not_kept} (${error.name})` }]);
  } finally {
    form.inert = false;
    button.textContent = label;
  }
}

function settled(row, entry) {
  if (row?.state === 'refused') return open(row, false);
  form.hidden = true;
  note.hidden = true;
  used(entry.values.kelurahan?.[0]);
  empty();
  if (row?.state === 'asked') question(row, { anyway: () => sendAll(row, entry), mends: () => open(row, false) });
  else done(row, entry, { again: () => startWith(() => empty(keptOf(entry))), copies: () => startWith(() => fill(copyOf(entry)), words.copied_here) });
}

async function sendAll(row, entry) {
  await anyway(row);
  await settled(await outcome(row.number), entry);
}

function startWith(fills, said) {
  result.hidden = true;
  form.hidden = false;
  fills();
  tellOnTop(said);
  filedAgain(null);
  form.elements['letter.number'].focus();
  keepDraft();
}

function tellOnTop(said) {
  note.hidden = !said;
  note.textContent = said ?? '';
}

// --- opened again -------------------------------------------------------------------------------------------------

// A refused entry or a draft goes back into the form; what stood there becomes a draft of the queue.
async function open(row, replacing = true) {
  const parked = replacing && dirty() && !form.hidden;
  if (parked) await park({ at: new Date().toISOString(), label: titled(snapshot()), snapshot: snapshot() });
  await store.reopen(owner, row.number, row.content.snapshot);
  await refresh();
  result.hidden = true;
  form.hidden = false;
  fill(row.content.snapshot);
  kept.textContent = parked ? words.parked : words.restored;
  const { problem } = row.content;
  const errors = problem?.errors ?? [{ field: '', rule: problem?.detail }];
  tellOnTop(problem?.asks && words.ask_mending);
  filedAgain(null);
  if (problem?.asks) placeWarnings(errors);
  if (problem && !problem.asks) sumUp(place(errors), words.refused);
  else form.elements.kelurahan_name.focus();
}

// What stands in the form becomes a draft of the queue; then the form begins with the request that the address names.
async function copied(which) {
  history.replaceState(null, '', location.pathname);
  tellOnTop(words.copying);
  const found = await fetched(which);
  if (!found) return tellOnTop(words.copy_failed);
  if (dirty() && !form.hidden) await park({ at: new Date().toISOString(), label: titled(snapshot()), snapshot: snapshot() });
  startWith(() => fill(found.snapshot), [say(words, found.number ? 'copied_again' : 'copied_from', { number: found.of }), ...found.left ? [say(words, 'copied_left', { n: found.left })] : []].join(' '));
  filedAgain(found.number);
  return undefined;
}

async function asked() {
  const which = wanted(location.hash);
  if (which && owner) return copied(which);
  const [, number] = /^#buka-(\d+)$/.exec(location.hash) ?? [];
  if (!number || !owner) return;
  history.replaceState(null, '', location.pathname);
  const row = await taken(Number(number));
  if (row) await open(row);
}

// --- whose form it is ---------------------------------------------------------------------------------------------

async function meetOwner({ owner: who, met, up }) {
  const came = who && who.operator !== owner?.operator;
  const gone = owner && (came || !who);
  owner = who;
  locked.hidden = Boolean(who) || !(met || !up);
  if (!who) form.hidden = true;
  if (gone) empty();
  if (!came) return;
  taking = true;
  result.hidden = true;
  form.hidden = false;
  const draft = await take(who, ({ at, content }) => ({ at: new Date(at).toISOString(), label: titled(content), snapshot: content }));
  if (owner !== who && owner?.operator !== who.operator) return;
  // What was typed before the page knew whose it is, or while the draft was looked for.
  const typedBefore = dirty() ? snapshot() : null;
  if (draft || !typedBefore) empty();
  if (draft) { fill(draft); written = JSON.stringify(snapshot()); kept.textContent = words.restored; }
  taking = false;
  if (typedBefore && draft) await park({ at: new Date().toISOString(), label: titled(typedBefore), snapshot: typedBefore });
  else if (typedBefore) await keepDraft();
  await asked();
}

empty();
picker(form.querySelector('[data-field=kelurahan]'), words, () => { tell(fieldOf('kelurahan'), null); shrink(); form.dispatchEvent(new Event('input')); });
form.addEventListener('input', typed);
form.addEventListener('focusout', ({ target }) => {
  const field = target.closest('[data-field]');
  if (field && !target.closest('[role=listbox]') && (target.value || field.classList.contains('wrong'))) look(field, true);
  const block = target.closest('.resident');
  if (block) residents.update(block);
});
form.addEventListener('submit', submit);
document.getElementById('tambah').onclick = () => { residents.part(residents.add(), 'name').focus(); keepDraft(); };
document.addEventListener('visibilitychange', () => document.hidden && keepDraft());
addEventListener('hashchange', asked);
listen(meetOwner);
