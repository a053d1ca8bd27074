// What a NIK says of itself: PPKKCC DDMMYY SSSS, women 40 more on the day (PP 37/2007 Ps 37). The rules are the
// server's (services/requests/domain/numbers.py), by its codes and in its order; a test compares the two.
// What people paste around the digits: spaces, dots, every kind of dash, an apostrophe, and what nobody can see.
export const digits = (text) => text.replace(/[\s.\-\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]|\p{Cf}/gu, '').replace(/^['`\u2018\u2019]+/, '');

const PROVINCES = ['1[1-9]', '21', '3[1-6]', '5[1-3]', '6[1-5]', '7[1-6]', '8[12]', '9[1-6]'];
const PROVINCE = new RegExp(`^(${PROVINCES.join('|')})`);
const days = (month, year) => month === 2 ? (year % 4 ? 28 : 29) : [4, 6, 9, 11].includes(month) ? 30 : 31;
const broken = (rules) => Object.keys(rules).filter((code) => rules[code]);

// The codes of the rules that a text breaks; none of a NIK.
export function faults(text) {
  const nik = digits(text);
  if (!/^[0-9]{16}$/.test(nik)) return ['nik.format'];
  if (nik.startsWith('0')) return ['nik.temporary'];
  const { day, month, year } = read(nik);
  return broken({
    'nik.province': !PROVINCE.test(nik),
    'nik.wilayah': nik.slice(2, 4) === '00' || nik.slice(4, 6) === '00',
    'nik.birth_date': month < 1 || month > 12 || day < 1 || day > days(month, year),
    'nik.serial': nik.endsWith('0000'),
  });
}

// The word for the first of them, or null.
export function fault(text) {
  const [code] = faults(text);
  if (code === 'nik.format') return /\D/.test(digits(text)) ? 'e_nik_letters' : 'e_nik_digits';
  return code ? `e_${code.replace('.', '_')}` : null;
}

// The codes of what in a NIK differs from what is stated, as far as it is; a birth date there has no century.
export function differences(nik, { stated, sex }) {
  const { day, month, year, sex: told } = read(nik);
  return broken({
    'nik.sex': sex && sex !== told,
    'nik.birth_date_differs': stated && [year, month, day].join() !== [stated.slice(2, 4), stated.slice(5, 7), stated.slice(8)].map(Number).join(),
  });
}

// Day, month, two-digit year and sex.
function read(nik) {
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
