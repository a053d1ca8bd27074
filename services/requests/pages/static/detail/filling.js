// Values in a form, and how they are said.
import { echo, spoken, written } from './days.js';
import { t } from './words.js';

// Shows values in the fields of their names, all fields or these alone: of ticks those that are in the list.
export function fill(form, values, names = null) {
  for (const field of form.elements) {
    if (!field.name || field.matches('[data-aside] *') || names && !names.includes(field.name)) continue;
    const value = values[field.name];
    if (field.closest('[data-list]')) field.checked = (value || []).map(String).includes(field.value);
    else if (field.type === 'checkbox') field.checked = Boolean(value);
    else field.value = value ?? '';
    if ('day' in field.dataset) {
      field.value = written(field.value);
      echo(field);
    }
  }
  form.dispatchEvent(new Event('change'));
}

const labels = (inputs) => inputs.map((input) => input.closest('label').textContent.trim()).join(', ');
const listOf = (form, name) => form.querySelector(`[data-list="${CSS.escape(name)}"]`);

// A value as the form shows it.
export function told(form, name, value) {
  const list = listOf(form, name), field = form.elements[name];
  if (list) return labels([...list.querySelectorAll('input')].filter((input) => (value || []).map(String).includes(input.value))) || '–';
  if (field.type === 'checkbox') return t(value ? 'bagian.yes' : 'bagian.no');
  if (field.matches('select')) return [...field.options].find((option) => option.value === String(value ?? ''))?.textContent ?? '–';
  return !value ? '–' : 'day' in field.dataset ? spoken(value) : value;
}

// What a field is called.
export function titled(form, name) {
  const list = listOf(form, name);
  return (list ? list.querySelector('legend') : form.elements[name].labels[0]).textContent.trim();
}
