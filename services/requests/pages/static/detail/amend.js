// Data are corrected: a dialog is held until it shows what stands now; only what is changed is sent, with the version
// that was read; and it can be taken back. A person's data are read for that purpose, which is written down.
import { begin, nested, send, valuesOf } from './commands.js';
import { show } from './errors.js';
import { fill } from './filling.js';
import { refresh } from './live.js';
import { meet, undecided } from './meanwhile.js';
import { known, reading } from './person.js';
import { toast } from './toast.js';
import { t } from './words.js';

const MAY_BE_EMPTY = [
  'nik', 'phone', 'address', 'marital_status', 'vulnerable', 'photo_reason', 'recorded_before', 'contact.name', 'contact.phone',
  'usual_service', 'usual_reason',
];

export function amending() {
  document.addEventListener('click', ({ target }) => {
    const opener = target.closest('[data-amends]'), again = target.closest('[data-again]');
    if (opener) open(document.getElementById(opener.dataset.opens).querySelector('form'), { ...opener.dataset });
    if (again) read(again.form);
  });

  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form.amend');
    if (form && !('held' in form.dataset)) save(form);
  });

  // Nobody's data stay in a page that lies open.
  for (const form of document.querySelectorAll('form.amend')) {
    form.closest('dialog').addEventListener('close', () => { form.reset(); meet(form, null); });
  }
}

// Everything of one opening is in `form.opening`: what it is about, what was read, and what was meant before that.
async function open(form, about, meant = null) {
  const title = form.closest('dialog').querySelector('h2');
  form.reset();
  // The focus is at the top until there is a field for it: at a button below, the dialog would begin at its end.
  Object.assign(title, { textContent: about.title, tabIndex: -1 }).focus();
  Object.assign(form.opening, { about, meant });
  for (const part of form.querySelectorAll('[data-until]')) {
    part.disabled = 'late' in about;
    part.querySelector('.too-late').hidden = !part.disabled;
  }
  await read(form);
}

async function read(form) {
  const { opening } = form;
  hold(form, 'reading');
  meet(form, null);
  const { values, why } = await asked(opening.about.person);
  if (form.opening !== opening) return;  // closed, or opened for another
  if (!values) return hold(form, 'unread', why ?? t('bagian.unread'));
  fill(form, values);
  hold(form, null);
  Object.assign(opening, { version: values.version, before: valuesOf(form) });
  if (opening.meant) meet(form, opening.meant);
  if (!document.activeElement.matches('[data-closes]')) form.querySelector('.known').querySelector('input, select').focus();
  if (opening.meant?.problem) show(form, opening.meant.problem);
}

async function asked(from) {
  try {
    const said = await reading(from, 'koreksi'), answer = await said.json();
    return said.ok ? { values: known(answer) } : { why: answer.detail };
  } catch {
    return {};
  }
}

// Nothing can be typed or sent while it is held: its data are being read, or could not be.
function hold(form, state, why = '') {
  if (state) form.dataset.held = state; else delete form.dataset.held;
  form.querySelector('.known').disabled = Boolean(state);
  form.querySelector('.reading').textContent = state === 'reading' ? t('bagian.reading') : '';
  form.querySelector('.unread').hidden = state !== 'unread';
  form.querySelector('.unread p').textContent = why;
  for (const button of form.querySelectorAll('button:not([type])')) button.disabled = Boolean(state);
}

async function save(form) {
  const { opening } = form, { about, before, version } = opening, after = valuesOf(form);
  const changed = Object.keys(after).filter((name) => String(after[name]) !== String(before[name] ?? ''));
  if (undecided(form)) return show(form, { detail: t('rinci.meanwhile_choose'), status: 422 });
  if (!changed.length) return show(form, { detail: t('rinci.amend_nothing'), status: 422 });
  let stale = null;
  const handles = (problem) => form.opening === opening && isStale(problem) && Boolean(stale = problem);
  const answer = await send(form, { to: about.to, body: body(after, changed, version), handles });
  if (stale) {
    opening.meant = { base: before, mine: only(after, changed), problem: { detail: stale.detail, status: 409 } };
    return read(form);
  }
  if (!answer) return undefined;
  if (form.opening === opening) form.closest('dialog').close();
  const back = { base: after, mine: only(before, changed) };
  toast(answer.told && about.told || about.done, form.matches('.onward') ? null : () => undo(form, about, back, body(before, changed, answer.version)));
  return refresh();
}

const isStale = (problem) => problem?.errors?.some(({ code }) => code === 'version.stale');

// What was there before is sent again. If that is refused, the dialog opens with it, over what stands now.
async function undo(form, about, meant, sent) {
  let problem;
  const done = await send(form, { to: about.to, body: sent, handles: (said) => { problem = said; return true; } });
  if (!done) {
    begin(form);
    form.closest('dialog').showModal();
    return open(form, about, { ...meant, problem: problem && { ...problem, errors: isStale(problem) ? [] : problem.errors } });
  }
  toast(t('bagian.undone'));
  return refresh();
}

const only = (values, names) => Object.fromEntries(names.map((name) => [name, values[name] ?? '']));

function body(values, names, version) {
  const sent = (name) => values[name] === '' && MAY_BE_EMPTY.includes(name) ? null : values[name];
  return { version, ...nested(Object.fromEntries(names.map((name) => [name, sent(name)]))) };
}
