// The list of a drive: checked first, every bad line shown with its reason, then stored whole or as far as it is good.
import { attempt, now } from './commands.js';
import { refresh } from './live.js';
import { fetched } from './session.js';
import { toast } from './toast.js';
import { element, number, t } from './words.js';

const MOST = 100, PATIENCE = 120000;

export function importing() {
  const form = document.getElementById('impor');
  if (!form) return;
  const result = document.getElementById('hasil-impor');
  let list = null;

  // The same list in the same way is the same command, with the moment of the first attempt.
  function sent(list, how) {
    const way = `${how}&documents_complete=${form.elements.documents_complete.checked}`;
    const tried = list.tried[way] ??= { key: crypto.randomUUID(), at: now() };
    const headers = { 'Content-Type': 'text/csv', 'Idempotency-Key': tried.key };
    const address = `${form.dataset.to}?${way}&at=${encodeURIComponent(tried.at)}`;
    return attempt(form, () => fetched(address, { method: 'POST', headers, body: list.content }, PATIENCE));
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const file = form.elements.csv.files[0];
    if (!file) return form.elements.csv.focus();
    // As it is: the server knows spreadsheets that are not UTF-8. A copy, since the file may change meanwhile.
    const mine = list = { content: await file.arrayBuffer(), tried: {} };
    result.replaceChildren();
    const checked = await sent(mine, 'dry_run=true');
    // Another list may have been chosen meanwhile: what was found in this one is not said of that.
    if (checked && mine === list) shown(mine, checked);
  });

  form.addEventListener('change', () => { list = null; result.replaceChildren(); });

  function shown(list, checked) {
    const bad = new Set(checked.errors.map((error) => error.line)).size, good = checked.rows - bad;
    const values = { rows: number(checked.rows), bad: number(bad) };
    result.replaceChildren(element('p', { className: 'verdict' }, t(bad ? 'rinci.import_checked' : 'rinci.import_good', values)));
    if (bad) result.append(table(checked.errors, 'rule', t('rinci.import_caption')));
    if (checked.warnings?.length) result.append(table(checked.warnings, 'warning', t('rinci.import_warnings')));
    if (!bad && good) result.append(store(list, 'dry_run=false', t('rinci.import_all', { n: number(good) })));
    if (bad && good) result.append(store(list, 'dry_run=false&partial=true', t('rinci.import_partial', { n: number(good) })));
    result.focus();
  }

  function table(errors, rule, caption) {
    const head = ['line', 'field', 'rule'].map((name) => element('th', { scope: 'col' }, t(`rinci.import_${name}`)));
    const english = document.documentElement.lang === 'en';
    const rows = errors.slice(0, MOST).map((error) => element('tr', {},
      element('th', { scope: 'row' }, number(error.line)),
      element('td', {}, error.field),
      element('td', {}, english && error.en || error[rule])));
    const made = element('table', { className: 'bad-rows' },
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows));
    const place = element('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: caption }, made);
    if (errors.length > MOST) place.append(element('p', { className: 'soft' }, t('rinci.more_errors', { n: number(errors.length - MOST) })));
    return place;
  }

  function store(list, query, words) {
    const button = element('button', { type: 'button', className: 'button' }, words);
    button.addEventListener('click', async () => {
      button.disabled = true;
      const done = await sent(list, query);
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
