// What is wrong, at its field and summed up on top. A field is found by the path the server names it by.
import { made, say } from './antrean.js';

const form = document.getElementById('formulir'), summary = document.getElementById('kesalahan');
export const words = JSON.parse(document.getElementById('kata').textContent);

// Fields that the server found to be wrong: what can be seen here does not mend them.
export const faulty = new Set();

// The field of a path; "residents.0.needs.1" is told at the needs of the first resident. Null when there is none.
export function fieldOf(path) {
  for (let parts = path.split('.'); parts.length; parts = parts.slice(0, -1)) {
    const found = form.querySelector(`[data-field="${CSS.escape(parts.join('.'))}"]`);
    if (found) return found;
  }
  return null;
}

export const labelOf = (field) => field.querySelector('legend, label').textContent.trim();
export const controlOf = (field) => field.querySelector('input:not([type=hidden]), select');

function described(field, control) {
  const parts = [...field.querySelectorAll('.hint[id], .error[id]')].filter((part) => !part.hidden);
  if (parts.length) control.setAttribute('aria-describedby', parts.map(({ id }) => id).join(' '));
  else control.removeAttribute('aria-describedby');
}

export function tell(field, sentence) {
  const place = field.querySelector('.error');
  if (!place) return;
  place.textContent = sentence ?? '';
  place.hidden = !sentence;
  field.classList.toggle('wrong', Boolean(sentence));
  const group = field.matches('fieldset');
  for (const control of field.querySelectorAll('input:not([type=hidden]), select')) {
    if (!group) control.ariaInvalid = sentence ? 'true' : null;
    if (!group || control === controlOf(field)) described(field, control);
  }
}

export function warn(field, ...parts) {
  const place = field?.querySelector('.warning');
  if (place && place.textContent !== parts.map((part) => part.textContent ?? part).join('')) place.replaceChildren(...parts);
}

const sentenceOf = (error) => (document.documentElement.lang === 'en' && error.en) || error.rule || error.warning;

// What the server found, at the fields; returns those that stand at none.
export function place(errors) {
  return errors.filter((error) => {
    const field = fieldOf(error.field);
    if (field?.querySelector('.error')) tell(field, sentenceOf(error));
    if (field) faulty.add(field);
    return !field;
  });
}

// In place of the warnings before, those of one field or of all.
export function placeWarnings(warnings, within = form) {
  within.querySelectorAll('.warning[data-server]').forEach((element) => { element.replaceChildren(); delete element.dataset.server; });
  for (const warning of warnings) {
    const spot = fieldOf(warning.field)?.querySelector('.warning');
    if (!spot) continue;
    spot.textContent = sentenceOf(warning);
    spot.dataset.server = '';
  }
}

// Fields that are wrong and can be seen, or opened.
const stillWrong = () => [...form.querySelectorAll('.field.wrong')].filter((field) => field.checkVisibility() || field.closest('details'));

// The summary on top, from what stands at the fields and `others`; true when there is anything.
export function sumUp(others = [], lead = '') {
  const wrong = stillWrong();
  summary.hidden = !wrong.length && !others.length;
  if (summary.hidden) return false;
  const link = (field) => made('a', { href: `#${controlOf(field).id}`, onclick: (event) => { event.preventDefault(); go(field); } }, located(field));
  const items = wrong.map((field) => Object.assign(made('li', {}, link(field)), { field }));
  const rest = others.map((error) => made('li', {}, sentenceOf(error)));
  summary.replaceChildren(made('h2', {}), ...lead ? [made('p', {}, lead)] : [], made('ul', {}, ...items, ...rest));
  summary.role = 'alert';
  count();
  summary.focus();
  summary.scrollIntoView({ block: 'start' });
  return true;
}

function count() {
  const left = summary.querySelectorAll('li').length;
  summary.hidden = !left;
  summary.querySelector('h2').textContent = say(words, 'errors', { n: left });
}

// What was mended leaves the summary, without a word: whoever mends is at the field, not there.
export function shrink() {
  if (summary.hidden) return;
  summary.role = null;
  const wrong = stillWrong();
  for (const item of summary.querySelectorAll('li')) if (item.field && !wrong.includes(item.field)) item.remove();
  count();
}

function located(field) {
  const resident = field.closest('.resident')?.querySelector('h2').textContent;
  return [resident, field.querySelector('.error').textContent].filter(Boolean).join(': ');
}

function go(field) {
  field.closest('details')?.setAttribute('open', '');
  controlOf(field).focus();
}

export function clear() {
  summary.hidden = true;
  faulty.clear();
  form.querySelectorAll('.field').forEach((field) => tell(field, null));
  placeWarnings([]);
}
