// Days as people write them: 17-08-1950, 17/8/1950 or 17081950, the day first whatever the browser's language.
const two = (number) => String(number).padStart(2, '0');

// "1950-08-17", or null for what is no day.
export function dayOf(text) {
  const found = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(text.trim()) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  if (!found) return null;
  const [, day, month, year] = found.map(Number), date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1 && year > 1800 ? `${year}-${two(month)}-${two(day)}` : null;
}

export const written = (iso) => iso.split('-').reverse().join('-');

export function spoken(iso) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
}

// The device's own day.
export function today() {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

// Full years on a day.
export const ageOn = (iso, day) => Number(day.slice(0, 4)) - Number(iso.slice(0, 4)) - (day.slice(5) < iso.slice(5));
