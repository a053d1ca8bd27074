// Days as people write them: 17-08-1950, 17/8/1950, 17081950, "17 Agustus 1950", or 1950-08-17 as it is pasted; the day
// first whatever the browser's language. Where only a year may be known, 1950 is taken too.
const MONTHS = ['jan', 'feb|peb', 'mar', 'apr', 'mei|may', 'jun', 'jul', 'agu|ags|agt|aug', 'sep', 'okt|oct', 'nov|nop', 'des|dec'];
const FORMS = [
  /^(?<day>\d{1,2})\s*[-/. ]\s*(?<month>\d{1,2})\s*[-/. ]\s*(?<year>\d{4})$/,
  /^(?<day>\d{2})(?<month>\d{2})(?<year>\d{4})$/,
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[T ][\d:.Z+-]*)?$/,
  /^(?<day>\d{1,2})[-/. ]*(?<month>\p{L}{3,9})[-/.,\s]*(?<year>\d{4})$/u,
];
const two = (number) => String(number).padStart(2, '0');
const monthOf = (text) => Number(text) || 1 + MONTHS.findIndex((names) => new RegExp(`^(${names})`, 'i').test(text));

// "1950-08-17", or null for what is no day.
export function dayOf(text) {
  const found = FORMS.map((form) => form.exec(text.trim())).find(Boolean)?.groups;
  if (!found) return null;
  const [day, month, year] = [Number(found.day), monthOf(found.month), Number(found.year)];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1 && year > 1800 ? `${year}-${two(month)}-${two(day)}` : null;
}

// A year alone: "1950", or null.
export const yearOf = (text) => /^(18|19|20)\d{2}$/.test(text.trim()) ? text.trim() : null;

// What stands in a field, as the server has it; null for what is neither a day nor, where that is enough, a year.
export const readOf = (field) => dayOf(field.value) ?? ('year' in field.dataset ? yearOf(field.value) : null);

export const written = (iso) => iso.split('-').reverse().join('-');

// "17 Agustus 1950"; of a year alone the year.
export function spoken(iso) {
  const language = document.documentElement.lang === 'en' ? 'en-GB' : 'id';
  return yearOf(iso) ?? new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
}

// The device's own day.
export function today() {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

// Full years on a day.
export const ageOn = (iso, day) => Number(day.slice(0, 4)) - Number(iso.slice(0, 4)) - (day.slice(5) < iso.slice(5));

// Below a field stands the day as it was understood; of a birth date with the age.
export function echo(field) {
  const read = readOf(field), { age, about } = field.dataset;
  const words = !read ? '' : yearOf(read) ? about : age ?? '{date}';
  const said = words.replace('{date}', read && spoken(read)).replace('{n}', read && ageOn(read, today()));
  const place = field.parentElement.querySelector('.echo');
  if (place.textContent !== said) place.textContent = said;
}

const ofDay = ({ target }) => target.matches?.('[data-day]') ? target : null;

document.addEventListener('input', (event) => ofDay(event) && echo(event.target));
// A form is empty only after its `reset`.
document.addEventListener('reset', ({ target }) => queueMicrotask(() => target.querySelectorAll('[data-day]').forEach(echo)));
document.addEventListener('focusout', (event) => {
  const day = ofDay(event) && dayOf(event.target.value);
  if (day) event.target.value = written(day);
  if (ofDay(event)) echo(event.target);
});
