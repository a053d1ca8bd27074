// The list of a drive: checked first, every bad line shown with its reason, then stored whole or as far as it is good.
import { attempt } from './commands.js';
import { refresh } from './live.js';
import { fetched } from './session.js';
import { toast } from './toast.js';
import { element, number, t } from './words.js';

const MOST = 100;

export function importing() {
  const form = document.getElementById('impor');
  if (!form) return;
  const result = document.getElementById('hasil-impor');
  let list = null;

  // The same list in the same way is the same command, however often it is sent.
  const sent = (query) => attempt(form, () => fetched(`${form.dataset.to}?${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': list.keys[query] ??= crypto.randomUUID() },
    body: list.text,
  }, 120000));

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const file = form.elements.csv.files[0];
    if (!file) return form.elements.csv.focus();
    list = { text: await file.text(), keys: {} };
    result.replaceChildren();
    const checked = await sent('dry_run=true');
    if (checked) shown(checked);
  });

  form.elements.csv.addEventListener('change', () => result.replaceChildren());

  function shown(checked) {
    const bad = new Set(checked.errors.map((error) => error.line)).size, good = checked.rows - bad;
    const values = { rows: number(checked.rows), bad: number(bad) };
    result.replaceChildren(element('p', { className: 'verdict' }, t(bad ? 'rinci.import_checked' : 'rinci.import_good', values)));
    if (bad) result.append(table(checked.errors));
    if (!bad && good) result.append(store('dry_run=false', t('rinci.import_all', { n: number(good) })));
    if (bad && good) result.append(store('dry_run=false&partial=true', t('rinci.import_partial', { n: number(good) })));
    result.focus();
  }

  function table(errors) {
    const head = ['line', 'field', 'rule'].map((name) => element('th', { scope: 'col' }, t(`rinci.import_${name}`)));
    const english = document.documentElement.lang === 'en';
    const rows = errors.slice(0, MOST).map((error) => element('tr', {},
      element('th', { scope: 'row' }, number(error.line)),
      element('td', {}, error.field),
      element('td', {}, english && error.en || error.rule)));
    const made = element('table', { className: 'bad-rows' },
      element('caption', {}, t('rinci.import_caption')),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows));
    const place = element('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: t('rinci.import_caption') }, made);
    if (errors.length > MOST) place.append(element('p', { className: 'soft' }, t('rinci.more_errors', { n: number(errors.length - MOST) })));
    return place;
  }

  function store(query, words) {
    const button = element('button', { type: 'button', className: 'button' }, words);
    button.addEventListener('click', async () => {
      button.disabled = true;
      const done = await sent(query);
      button.disabled = false;
      if (!done) return;
      result.replaceChildren();
      form.reset();
      toast(t('rinci.imported', { n: number(done.stored) }));
      await refresh('para-warga');
    });
    return button;
  }
}
