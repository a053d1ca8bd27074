// Forms that command: sent as JSON under an Idempotency-Key of their own, so that what is sent again over a bad line
// takes effect once. Buttons rest while a form is on its way; what is wrong is said at its field; nothing is lost.
import { readOf } from './days.js';
import { clear, show } from './errors.js';
import { learn, now } from './moment.js';
import { fetched } from './session.js';
import { toast } from './toast.js';
import { t } from './words.js';

export { now };

// What stands in a form, by name: ticks of one name are a list, a lone tick is true or false.
export function valuesOf(form) {
  const values = {};
  for (const list of form.querySelectorAll('[data-list]')) if (!list.matches(':disabled')) values[list.dataset.list] = [];
  for (const field of form.elements) {
    if (!field.name || field.matches(':disabled, [data-aside] *')) continue;
    if (!field.closest('[data-list]')) values[field.name] = valueOf(field);
    else if (field.checked) values[field.name].push(field.value);
  }
  return values;
}

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked;
  return 'day' in field.dataset && readOf(field) || field.value.trim();
}

// The fields for a day that hold none, as problems say it.
const misread = (form) => [...form.querySelectorAll('[data-day]:enabled')]
  .filter((field) => field.value.trim() && !readOf(field))
  .map((field) => ({ field: field.name, rule: field.dataset.wrong }));

// Values as a body: names with dots nest, a number in a name is a place in a list.
export function nested(values) {
  const body = {};
  for (const [name, value] of Object.entries(values)) {
    const path = name.split('.'), last = path.pop();
    path.reduce((here, part, n) => here[part] ??= /^\d+$/.test(path[n + 1] ?? last) ? [] : {}, body)[last] = value;
  }
  return body;
}

// The other way: the values of a body by their names with dots.
export function flat(body, above = '') {
  const inner = (value) => value && typeof value === 'object' && !Array.isArray(value);
  return Object.assign({}, ...Object.entries(body).map(([name, value]) => inner(value) ? flat(value, `${above}${name}.`) : { [above + name]: value }));
}

// The body a form stands for; what is empty is left out.
export const bodyOf = (form) => nested(Object.fromEntries(Object.entries(valuesOf(form)).filter(([, value]) => value !== '')));

// Sends what a form stands for; resolves to the answer, or to nothing after showing why not. `handles` is given the
// problem first, and tells whether there is nothing left to show.
export async function send(form, { body = bodyOf(form), method = form.dataset.method, to = form.dataset.to, handles } = {}) {
  const wrong = misread(form);
  if (wrong.length) return void show(form, { errors: wrong, status: 422 });
  const content = `${to} ${JSON.stringify(body)}`;
  // The same again is the same command, with the moment of the first attempt.
  if (form.tried?.content !== content) form.tried = { content, key: crypto.randomUUID(), at: now() };
  const options = {
    method,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': form.tried.key },
    body: method === 'DELETE' ? undefined : JSON.stringify({ at: form.tried.at, ...body }),
  };
  return await attempt(form, () => fetched(to, options), handles);
}

// Runs a fetch for a form: rests its buttons, shows what is wrong. An answer that comes after the form was closed, or
// opened for something else, leaves it alone: that nothing was saved is said at the foot of the page.
export async function attempt(form, ask, handles = () => false) {
  if (form.dataset.busy) return undefined;
  clear(form);
  rest(form, true);
  const { opening } = form;
  const { answer, problem } = await heard(form, ask);
  const same = form.opening === opening;
  if (same) rest(form, false);
  if (answer || handles(problem)) return answer;
  if (same) show(form, problem);
  else toast(t('bagian.unsaved', { why: problem?.detail ?? t('bagian.silent') }));
  return undefined;
}

async function heard(form, ask) {
  try {
    const said = await ask();
    const answer = await said.json().catch(() => null);
    if (said.ok) { form.tried = null; return { answer: answer ?? {} }; }
    if (said.status < 500 && said.status !== 429) form.tried = null;
    learn(answer);
    return { problem: answer ?? undefined };
  } catch {
    return {};
  }
}

// The form of a dialog that opens: what was asked for before is over.
export function begin(form) {
  form.opening = {};
  clear(form);
  rest(form, false);
}

function rest(form, resting) {
  if (resting) form.dataset.busy = 'yes'; else delete form.dataset.busy;
  form.setAttribute('aria-busy', String(resting));
  for (const button of form.querySelectorAll('button')) {
    const sends = button.matches('[type=submit], :not([type])');
    button.disabled = resting || sends && 'held' in form.dataset;
    if (!sends) continue;
    if (resting) button.dataset.word = button.textContent;
    button.textContent = resting ? form.dataset.sending : button.dataset.word ?? button.textContent;
  }
}

// Dialogs open by the button that names them, and give the focus back to it.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-opens]');
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    begin(dialog.querySelector('form'));
    dialog.showModal();
  }
  const closer = event.target.closest('[data-closes]');
  if (closer) closer.closest('dialog').close();
});
document.addEventListener('close', ({ target }) => {
  const form = target.querySelector('form');
  if (form) form.opening = null;
}, true);
