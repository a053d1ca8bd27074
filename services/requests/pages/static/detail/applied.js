// What is applied for: of a form `.applies` only what the chosen service asks is shown, and its papers. Residents are
// added to a drive one by one here, beside the list that is imported.
import { send } from './commands.js';
import { refresh } from './live.js';
import { element, t } from './words.js';

function suit(form) {
  const service = form.querySelector('select[name$=service]').value;
  for (const part of form.querySelectorAll('[data-for]')) {
    part.hidden = !part.dataset.for.split(' ').includes(service);
    for (const field of part.querySelectorAll('select')) field.disabled = part.hidden;
  }
  const list = form.querySelector('[data-papers]'), papers = JSON.parse(list.dataset.papers)[service] ?? {};
  list.hidden = !service;
  for (const tick of list.querySelectorAll('input')) {
    const label = tick.closest('label');
    label.hidden = !(tick.value in papers || tick.checked);
    label.querySelector('.must').hidden = !papers[tick.value];
  }
}

export function applying() {
  for (const form of document.querySelectorAll('form.applies')) {
    form.addEventListener('change', () => suit(form));
    suit(form);
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.adds');
    if (!form) return;
    const { opening } = form;
    const added = await send(form);
    if (!added) return;
    if (form.opening === opening || !form.opening) {
      form.reset();
      suit(form);
      form.closest('dialog').close();
    }
    const place = document.getElementById('hasil-tambah'), english = document.documentElement.lang === 'en';
    const warnings = added.warnings.map((said) => element('li', {}, english && said.en || said.warning));
    const said = element('p', {}, t('rinci.added', { code: added.cases[0].tracking }));
    place.replaceChildren(element('div', { className: 'note' }, said, ...(warnings.length ? [element('ul', {}, ...warnings)] : [])));
    await refresh('para-warga');
    document.getElementById('tambah-tombol')?.focus();
  });
}
