// The letter number that follows another: its running number is one more, and all else stays. In a new year it begins
// again at 1; a Roman month that was the letter's own is the new one's. Null where no running number is to be seen.
const PART = /(?<![^/\s])\d+(?![^/\s])/g;
const ROMAN = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'];
const isYear = (text) => /^(19|20)\d\d$/.test(text);

// Which of the numbers runs: of several the first that is no year, nor the code of what the letter is about, which is of
// population matters (470 to 479), or else stands first.
function running(parts, number) {
  const numbers = parts.filter(({ text }, at) => at === 0 || !isYear(text));
  const named = numbers.findIndex(({ text }) => /^47\d$/.test(text));
  const code = named < 0 && numbers[0]?.text.length === 3 ? 0 : named;
  if (numbers.length > 1) return numbers.find((_, at) => at !== code);
  const [only] = numbers;
  return only && named === 0 && /[^/\s\d]\d|\d[^/\s\d]/.test(put(number, only, '')) ? null : only ?? null;
}

const put = (number, { at, text }, to) => number.slice(0, at) + to + number.slice(at + text.length);

function inMonth(number, before, now) {
  const own = ROMAN[Number(before.slice(5, 7)) - 1];
  return number.replace(new RegExp(`(?<![^/\\s])${own}(?![^/\\s])`), ROMAN[Number(now.slice(5, 7)) - 1]);
}

// `date` is that of the letter before, `today` the day of the new one: "2026-11-23".
export function following(number, date, today) {
  const parts = [...number.matchAll(PART)].map(({ 0: text, index: at }) => ({ text, at }));
  const runs = running(parts, number), year = parts.find(({ text, at }) => at > 0 && text === date.slice(0, 4));
  if (!runs || runs.text.length > 6) return null;
  const anew = year && date.slice(0, 4) < today.slice(0, 4);
  const next = String(anew ? 1 : Number(runs.text) + 1).padStart(runs.text.length, '0');
  // From the end, for what comes later keeps its place.
  const changes = [[runs, next], ...anew ? [[year, today.slice(0, 4)]] : []].sort(([a], [b]) => b.at - a.at);
  return inMonth(changes.reduce((text, [part, to]) => put(text, part, to), number), date, today);
}
