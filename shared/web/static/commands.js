// Forms that command: sent as JSON under an Idempotency-Key of their own, so that what is sent again over a bad line
// takes effect once. Buttons rest while a form is on its way; what is wrong is said at its field; nothing is lost.
import { clear, show } from './errors.js';
import { learn, now } from './moment.js';
import { fetched } from './session.js';

export { now };

// What stands in a form, by name: ticks of one name are a list, a lone tick is true or false.
export function valuesOf(form) {
  const values = {};
  for (const list of form.querySelectorAll('[data-list]')) if (!list.matches(':disabled')) values[list.dataset.list] = [];
  for (const field of form.elements) {
    if (!field.name || field.matches(':disabled')) continue;
    if (!field.closest('[data-list]')) values[field.name] = field.type === 'checkbox' ? field.checked : field.value.trim();
    else if (field.checked) values[field.name].push(field.value);
  }
  return values;
}

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

// Sends what a form stands for; resolves to the answer, or to nothing after showing why not.
export async function send(form, { body = bodyOf(form), method = form.dataset.method, to = form.dataset.to } = {}) {
  const content = `${to} ${JSON.stringify(body)}`;
  // The same again is the same command, with the moment of the first attempt.
  if (form.tried?.content !== content) form.tried = { content, key: crypto.randomUUID(), at: now() };
  const options = {
    method,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': form.tried.key },
    body: method === 'DELETE' ? undefined : JSON.stringify({ at: form.tried.at, ...body }),
  };
  return await attempt(form, () => fetched(to, options));
}

// Runs a fetch for a form: rests its buttons, shows what is wrong.
export async function attempt(form, ask) {
  if (form.dataset.busy) return undefined;
  clear(form);
  rest(form, true);
  try {
    const said = await ask();
    const answer = await said.json().catch(() => null);
    if (said.ok) { form.tried = null; return answer ?? {}; }
    if (said.status < 500 && said.status !== 429) form.tried = null;
    learn(answer);
    show(form, answer ?? undefined);
  } catch {
    show(form);
  } finally {
    rest(form, false);
  }
  return undefined;
}

function rest(form, resting) {
  if (resting) form.dataset.busy = 'yes'; else delete form.dataset.busy;
  form.setAttribute('aria-busy', String(resting));
  for (const button of form.querySelectorAll('button')) {
    button.disabled = resting;
    if (!button.matches('[type=submit], :not([type])')) continue;
    if (resting) button.dataset.word = button.textContent;
    button.textContent = resting ? form.dataset.sending : button.dataset.word ?? button.textContent;
  }
}

// Dialogs open by the button that names them, and give the focus back to it.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-opens]');
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest('[data-closes]');
  if (closer) closer.closest('dialog').close();
});
