// What came of a filing, in place of the form: sent with its codes, waiting, or to be decided upon.
import { logIn, made, reasons, say } from './antrean.js';
import { hasSlip, shown } from './antrean-codes.js';
import { state } from './antrean-sending.js';
import { words } from './form-errors.js';

const result = document.getElementById('hasil');
const title = (tone, sign, text) => made('h2', { id: 'hasil-judul' }, made('span', { className: `badge ${tone}`, ariaHidden: 'true' }, sign), ` ${text}`);
const press = (text, onclick, className = 'button') => made('button', { type: 'button', className, onclick }, text);

function show(...parts) {
  result.replaceChildren(...parts);
  result.hidden = false;
  scrollTo(0, 0);
  result.focus();
}

// `again` and `copies` go on with another letter.
export function done(row, entry, { again, copies }) {
  const sent = row?.state === 'sent', answer = row?.content.answer ?? {};
  const told = sent ? codes(answer, entry) : [made('p', {}, words[state.login ? 'done_login_hint' : 'done_waiting_hint']), ...codes({ cases: row?.content.body?.residents }, entry)];
  const more = sent ? links(answer) : hasSlip(row?.content) ? [made('a', { href: `/permohonan/slip#${row.number}` }, words.slip)] : [];
  show(title(sent ? 'good' : 'wait', sent ? '✓' : '…', sent ? words.done_sent : words.done_waiting), ...told,
    made('div', { className: 'acts' }, ...state.login ? [logIn()] : [], ...sent && isDrive(entry) ? [made('a', { className: 'button', href: `/permohonan/${answer.request_id}#impor-judul` }, words.next_import)] : [], press(words.again, again), press(words.copies, copies, 'plain'), ...more));
}

// It may have been filed before: nothing is sent until a person says so.
export function question(row, { anyway, mends }) {
  show(title('care', '?', words.ask_title), made('ul', {}, ...reasons(row.content.problem).map((reason) => made('li', {}, reason))),
    made('p', {}, words.ask_hint), made('div', { className: 'acts' }, press(words.ask_send, anyway), press(words.ask_mend, mends, 'button second')));
}

const links = ({ request_id: id, case_ids: cases }) => [made('a', { href: `/permohonan/${id}` }, words.detail), ...cases?.length ? [made('a', { href: `/permohonan/${id}/slip` }, words.slip)] : []];
const isDrive = ({ values }) => values.kind?.[0] === 'drive';

function codes({ cases = [], warnings = [] }, { values }) {
  const known = cases.filter((each) => each.tracking);
  const items = known.map(({ tracking, missing = [] }, number) => made('li', {},
    made('span', {}, values[`residents.${number}.name`]?.[0] ?? ''), made('code', {}, shown(tracking)), copy(shown(tracking)),
    missing.length ? made('small', {}, say(words, 'lacking', { names: missing.map(paper).join(', ') })) : null));
  const told = warnings.map((warning) => made('li', {}, (document.documentElement.lang === 'en' && warning.en) || warning.warning));
  return [
    ...items.length ? [made('h3', {}, words.codes), made('ul', { className: 'codelist' }, ...items), made('p', { className: 'hint' }, words.code_hint)] : [],
    ...told.length ? [made('p', {}, words.warnings), made('ul', {}, ...told)] : [],
  ];
}

const paper = (name) => document.getElementById('blok').content.querySelector(`[value="${name}"]`)?.parentElement.textContent.trim() ?? name;

function copy(code) {
  const button = made('button', { type: 'button', className: 'plain', ariaLabel: `${words.copy} ${code}` }, words.copy);
  button.onclick = async () => { await navigator.clipboard.writeText(code); button.textContent = words.copied; };
  return button;
}
