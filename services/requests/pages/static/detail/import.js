// The list of a drive: checked first, every bad line shown with its reason, then stored whole or as far as it is good.
// The same list may come again: what is stored is passed by, and what is wrong can be taken along as a list of its own.
import { attempt, now } from './commands.js';
import { refresh } from './live.js';
import { fetched } from './session.js';
import { toast } from './toast.js';
import { element, number, t } from './words.js';

const MOST = 100, FEW = 20, PATIENCE = 120000;
const language = document.documentElement.lang, english = language === 'en';

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
    return attempt(form, async () => named(await fetched(address, { method: 'POST', headers, body: list.content }, PATIENCE)));
  }

  // What is wrong with the headings is said with the name of its column: no field of this form has it.
  async function named(said) {
    if (said.ok) return said;
    const problem = await said.json().catch(() => null);
    const of = ({ field }) => field === 'csv' || form.elements[field] ? '' : `${/^(kolom|baris) /.test(field) ? field : form.dataset.column.replace('#', field)}: `;
    const errors = problem?.errors?.map((error) => ({ ...error, rule: of(error) + error.rule, en: error.en && of(error) + error.en }));
    return { ok: false, status: said.status, json: async () => problem && { ...problem, errors } };
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

  const badOf = ({ errors }) => new Set(errors.map((error) => error.line)).size;

  function verdict({ rows, good, already, new_lines: lines }, bad) {
    if (!already) return t(bad ? 'rinci.import_checked' : 'rinci.import_good', { rows: number(rows), bad: number(bad) });
    const few = good <= FEW && good === lines.length;
    return [
      t('rinci.import_already', { n: number(already) }),
      good ? t(few ? 'rinci.import_new' : 'rinci.import_new_many', { n: number(good), lines: lines.map(number).join(', ') }) : t('rinci.import_none'),
      ...bad ? [t('rinci.import_bad', { n: number(bad) })] : [],
    ].join(' ');
  }

  function shown(list, checked) {
    const bad = badOf(checked), { good, already } = checked;
    result.replaceChildren(element('p', { className: 'verdict' }, verdict(checked, bad)));
    if (already) result.append(element('p', { className: 'hint' }, t('rinci.import_already_hint')));
    if (bad) result.append(table(checked.errors, 'rule', t('rinci.import_caption')));
    if (checked.warnings.length) result.append(table(checked.warnings, 'warning', t('rinci.import_warnings')));
    const acts = element('p', { className: 'found' });
    if (!bad && good) acts.append(store(list, 'dry_run=false', t('rinci.import_all', { n: number(good) })));
    if (bad && good) acts.append(store(list, 'dry_run=false&partial=true', t('rinci.import_partial', { n: number(good) })));
    if (bad) acts.append(wrong(list, bad));
    result.append(acts);
    if (bad) result.append(element('p', { className: 'hint' }, t('rinci.import_wrong_hint')));
    result.focus();
  }

  function table(errors, rule, caption) {
    const head = ['line', 'field', 'rule'].map((name) => element('th', { scope: 'col' }, t(`rinci.import_${name === 'rule' && rule === 'warning' ? 'notes' : name}`)));
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

  // The wrong lines as a file of their own: made by the server, which reads spreadsheets, and kept nowhere.
  function wrong(list, bad) {
    const button = element('button', { type: 'button', className: 'button quiet' }, t('rinci.import_wrong', { n: number(bad) }));
    button.addEventListener('click', async () => {
      button.disabled = true;
      let rows = null;
      await attempt(form, async () => {
        const options = { method: 'POST', headers: { 'Content-Type': 'text/csv' }, body: list.content };
        const said = await fetched(`${form.dataset.to}/wrong?language=${language}&at=${encodeURIComponent(now())}`, options, PATIENCE);
        if (said.ok) rows = await said.blob();
        return said.ok ? new Response('{}') : said;
      });
      button.disabled = false;
      if (rows) save(rows, 'baris-yang-salah.csv');
    });
    return button;
  }

  function save(content, name) {
    const link = element('a', { href: URL.createObjectURL(content), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  function store(list, query, words) {
    const button = element('button', { type: 'button', className: 'button' }, words);
    button.addEventListener('click', async () => {
      button.disabled = true;
      const done = await sent(list, query);
      button.disabled = false;
      if (!done) return;
      form.reset();
      said(list, done);
      toast(t('rinci.imported', { n: number(done.stored) }));
      await refresh('para-warga');
    });
    return button;
  }

  // After it was stored: what is still wrong stays in view.
  function said(list, done) {
    const bad = badOf(done);
    result.replaceChildren();
    if (!bad) return;
    result.append(
      element('p', { className: 'verdict' }, `${t('rinci.imported', { n: number(done.stored) })} ${t('rinci.imported_bad', { n: number(bad) })}`),
      table(done.errors, 'rule', t('rinci.import_caption')),
      element('p', { className: 'found' }, wrong(list, bad)), element('p', { className: 'hint' }, t('rinci.import_wrong_hint')),
    );
  }
}
