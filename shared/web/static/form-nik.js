// What a NIK says of itself: PPKKCC DDMMYY SSSS, women 40 more on the day (PP 37/2007 Ps 37).
export const digits = (text) => text.replace(/[\s.-]/g, '');

const leap = (year) => year % 4 === 0;
const days = (month, year) => month === 2 ? (leap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

// The name of the broken rule, or null for a NIK that may be one.
export function fault(text) {
  const nik = digits(text);
  if (/\D/.test(nik)) return 'e_nik_letters';
  if (nik.length !== 16) return 'e_nik_digits';
  if (Number(nik.slice(0, 2)) < 11) return 'e_nik_region';
  const { day, month, year } = read(nik);
  if (day < 1 || day > days(month, year) || month < 1 || month > 12) return 'e_nik_date';
  return nik.endsWith('0000') ? 'e_nik_serial' : null;
}

// Day, month, two-digit year and sex.
export function read(nik) {
  const told = Number(nik.slice(6, 8)), woman = told > 40;
  return { day: woman ? told - 40 : told, month: Number(nik.slice(8, 10)), year: Number(nik.slice(10, 12)), sex: woman ? 'P' : 'L' };
}

// The birth date a NIK stands for when nobody states one: of somebody who is 16 or older on a day.
export function birthDate(nik, on) {
  const { day, month, year } = read(nik);
  const two = (number) => String(number).padStart(2, '0');
  const of = (century) => `${century + year}-${two(month)}-${two(day)}`;
  return of(2000) <= `${Number(on.slice(0, 4)) - 16}${on.slice(4)}` ? of(2000) : of(1900);
}

// Whether a stated birth date is the one in the NIK, which has no century.
export function sameDay(nik, stated) {
  const { day, month, year } = read(nik);
  return Number(stated.slice(2, 4)) === year && Number(stated.slice(5, 7)) === month && Number(stated.slice(8, 10)) === day;
}
