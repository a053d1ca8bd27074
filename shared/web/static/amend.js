// Data are corrected: a dialog opens with what stands now, only what is changed is sent, and it can be taken back.
// A person's data are read for that purpose, which is written down.
import { nested, send, valuesOf } from './commands.js';
import { clear, show } from './errors.js';
import { refresh } from './live.js';
import { asked } from './person.js';
import { toast } from './toast.js';
import { t } from './words.js';

const MAY_BE_EMPTY = [
  'nik', 'phone', 'address', 'marital_status', 'vulnerable', 'photo_reason', 'recorded_before', 'contact.name', 'contact.phone',
];

export function amending() {
  let before = {};

  document.addEventListener('click', async (event) => {
    const opener = event.target.closest('[data-amends]');
    if (!opener) return;
    const form = document.getElementById(opener.dataset.opens).querySelector('form'), late = 'late' in opener.dataset;
    clear(form);
    form.reset();
    form.dataset.told = opener.dataset.told ?? '';
    for (const part of form.querySelectorAll('[data-until]')) {
      part.disabled = late;
      part.querySelector('.too-late').hidden = !late;
    }
    const person = opener.dataset.person && await asked(form, opener.dataset.person, 'koreksi');
    if (opener.dataset.person && !person) return;
    fill(form, { ...JSON.parse(opener.dataset.amends), ...person });
    before = valuesOf(form);
    form.querySelector('input, select').focus();
  });

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.amend');
    if (!form) return;
    const after = valuesOf(form), to = form.dataset.to;
    const changed = Object.keys(after).filter((name) => String(after[name]) !== String(before[name] ?? ''));
    if (!changed.length) return show(form, { detail: t('rinci.amend_nothing'), status: 422 });
    const back = body(before, changed);
    const answer = await send(form, { body: body(after, changed) });
    if (!answer) return;
    form.closest('dialog').close();
    toast(answer.told && form.dataset.told || form.dataset.done, form.matches('.onward') ? null : () => undo(form, to, back));
    await refresh();
  });

  async function undo(form, to, back) {
    const done = await send(form, { to, body: back });
    if (!done) return form.closest('dialog').showModal();  // why not stands in it
    toast(t('bagian.undone'));
    await refresh();
  }

  // Nobody's data stay in a page that lies open.
  for (const form of document.querySelectorAll('form.amend')) {
    form.closest('dialog').addEventListener('close', () => { before = {}; form.reset(); });
  }
}

// What the dialog shows: one value a field, of ticks those that are in the list.
function fill(form, values) {
  for (const field of form.elements) {
    if (!field.name) continue;
    const value = values[field.name];
    if (field.closest('[data-list]')) field.checked = (value ?? []).map(String).includes(field.value);
    else if (field.type === 'checkbox') field.checked = Boolean(value);
    else field.value = value ?? '';
  }
  form.dispatchEvent(new Event('change'));
}

function body(values, names) {
  const sent = (name) => values[name] === '' && MAY_BE_EMPTY.includes(name) ? null : values[name];
  return nested(Object.fromEntries(names.map((name) => [name, sent(name)])));
}
