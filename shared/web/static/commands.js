// Forms that command: sent as JSON under an Idempotency-Key of their own, so that what is sent again over a bad line
// takes effect once. Buttons rest while a form is on its way; what is wrong is said at its field; nothing is lost.
import { clear, show } from './errors.js';
import { fetched } from './session.js';

export const now = () => new Date().toISOString();

// The body a form stands for: names with dots nest, ticks of one name are a list, what is empty is left out.
export function bodyOf(form) {
  const body = {};
  for (const list of form.querySelectorAll('[data-list]')) put(body, list.dataset.list, []);
  for (const field of form.elements) {
    if (!field.name || field.disabled) continue;
    const ticked = field.closest('[data-list]');
    if (ticked) { if (field.checked) body[field.name].push(field.value); continue; }
    if (field.type === 'checkbox') put(body, field.name, field.checked);
    else if (field.value !== '') put(body, field.name, field.value.trim());
  }
  return body;
}

function put(body, name, value) {
  const path = name.split('.'), last = path.pop();
  let here = body;
  for (const part of path) here = here[part] ??= {};
  here[last] = value;
}

// Sends what a form stands for; resolves to the answer, or to nothing after showing why not.
export async function send(form, { body = bodyOf(form), method = form.dataset.method, to = form.dataset.to } = {}) {
  const content = JSON.stringify(body);
  // The same again is the same command, with the moment of the first attempt.
  if (form.tried?.content !== content) form.tried = { content, key: crypto.randomUUID(), at: now() };
  const options = {
    method,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': form.tried.key },
    body: JSON.stringify({ at: form.tried.at, ...body }),
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
