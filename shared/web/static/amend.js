// A resident's data are corrected: opened for that purpose, only what was changed is sent, and it can be taken back.
import { send } from './commands.js';
import { clear, show } from './errors.js';
import { refresh } from './live.js';
import { asked } from './person.js';
import { toast } from './toast.js';
import { t } from './words.js';

const MAY_BE_EMPTY = ['nik', 'phone', 'marital_status', 'vulnerable'];

export function amending() {
  const dialog = document.getElementById('perbaiki');
  if (!dialog) return;
  const form = dialog.querySelector('form');
  const fields = () => [...form.elements].filter((field) => field.name);
  let before = {}, told = '';

  document.addEventListener('click', async (event) => {
    const opener = event.target.closest('[data-amends]');
    if (!opener) return;
    clear(form);
    form.reset();
    told = opener.dataset.told;
    const person = await asked(form, `/api/requests/cases/${opener.dataset.amends}/person`, 'koreksi');
    if (!person) return;
    before = Object.fromEntries(fields().map((field) => [field.name, person[field.name] ?? '']));
    for (const field of fields()) field.value = before[field.name];
    form.elements.name.focus();
  });

  form.addEventListener('submit', async () => {
    const changed = fields().filter((field) => field.value.trim() !== before[field.name]);
    if (!changed.length) return show(form, { detail: t('rinci.amend_nothing'), status: 422 });
    const of = (value, name) => value.trim() || (MAY_BE_EMPTY.includes(name) ? null : '');
    const body = Object.fromEntries(changed.map((field) => [field.name, of(field.value, field.name)]));
    const back = Object.fromEntries(changed.map((field) => [field.name, of(before[field.name], field.name)]));
    const to = form.dataset.to;
    const answer = await send(form, { body });
    if (!answer) return;
    dialog.close();
    toast(answer.told ? told : form.dataset.done, () => undo(to, back));
    await refresh();
  });

  async function undo(to, body) {
    const done = await send(form, { to, body });
    if (!done) return dialog.showModal();  // why not stands in it
    toast(t('bagian.undone'));
    await refresh();
  }

  // Nobody's data stay in a page that lies open.
  dialog.addEventListener('close', () => { before = {}; form.reset(); });
}
