// The queue as its owner sees it: the state of the line, and each entry with what became of it.
// A page that includes antrean.html.j2 and this script has both.
import * as store from './antrean-store.js';
import { anyway, begin, byServer, change, drop, listen, sendNow, state } from './antrean-sending.js';
import { hasSlip, shown } from './antrean-codes.js';
import { forget } from './antrean-photos.js';

const BADGES = { waiting: ['…', 'wait'], sent: ['✓', 'good'], refused: ['▲', 'bad'], asked: ['?', 'care'], stuck: ['!', 'care'], draft: ['✎', 'wait'], removed: ['×', 'wait'] };
const ORDER = ['refused', 'asked', 'stuck', 'waiting', 'draft', 'removed', 'sent'];
let words = {};

export function say(book, name, values = {}) {
  const text = (Number(values.n) === 1 && book[`${name}_one`]) || book[name];
  return Object.entries(values).reduce((sentence, [key, value]) => sentence.replaceAll(`{${key}}`, value), text);
}

export function made(tag, properties = {}, ...children) {
  const { data, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child != null));
  return element;
}

export function clock(moment) {
  const day = new Date(moment), zone = { timeZone: state.owner?.zone ?? undefined };
  const time = new Intl.DateTimeFormat('id-ID', { hour: '2-digit', minute: '2-digit', ...zone }).format(day);
  const date = (when) => new Intl.DateTimeFormat('id-ID', { day: 'numeric', month: 'short', ...zone }).format(when);
  return date(day) === date(new Date()) ? time : `${date(day)} ${time}`;
}

const count = (...states) => state.rows.filter((row) => states.includes(row.state)).length;

const photos = (rows, failed) => rows.flatMap(({ state: at, content }) => (at === 'sent' && content?.photos) || []).filter(({ problem }) => Boolean(problem) === failed);

function counted() {
  const [waiting, refused, stuck] = [count('waiting'), count('refused'), count('stuck', 'asked')];
  const parts = [];
  if (stuck) parts.push(say(words, 'stuck_count', { n: stuck }));
  if (waiting) parts.push(say(words, 'waiting_count', { n: waiting }));
  const [going, failed] = [photos(state.rows, false).length, photos(state.rows, true).length];
  if (going) parts.push(say(words, state.percent === null ? 'photos_count' : 'photos_going', { n: going, percent: state.percent }));
  if (failed) parts.push(say(words, 'photos_failed', { n: failed }));
  if (refused) parts.push(say(words, 'refused_count', { n: refused }));
  return parts.length ? parts.join(' · ') : state.owner && state.rows.length ? words.all_sent : null;
}

function line(element) {
  const bad = !state.up || state.trouble;
  const name = !state.up ? 'offline' : state.trouble ? 'trouble' : 'online';
  const said = [say(words, name, { time: state.since && clock(state.since) }), counted()].filter(Boolean).join(' · ');
  const key = `${said}${state.login}`;
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.className = `line ${bad ? 'down' : 'up'}`;
  element.replaceChildren(made('span', { ariaHidden: 'true' }, bad ? '▲' : '●'), ` ${said}`);
  if (state.login) element.append(made('span', { className: 'over' }, made('span', {}, words.session_over), logIn()));
}

const here = () => location.pathname.startsWith('/permohonan') ? location.pathname : '/permohonan/baru';
export const logIn = () => made('a', { href: `/masuk?kembali=${here()}`, className: 'button' }, words.log_in);

function answer(element) {
  const [waiting, refused, stuck] = [count('waiting'), count('refused'), count('stuck')];
  const sentence = !state.owner ? words.answer_locked : refused ? say(words, 'answer_refused', { n: refused })
    : state.typing ? words.answer_typing : count('asked') ? say(words, 'answer_asked', { n: count('asked') }) : stuck ? say(words, 'answer_stuck', { n: stuck }) : waiting ? say(words, 'answer_waiting', { n: waiting })
    : photos(state.rows, false).length ? say(words, 'answer_photos', { n: photos(state.rows, false).length }) : count('sent') ? words.answer_sent : words.answer_empty;
  if (element.textContent !== sentence) element.textContent = sentence;
}

function why() {
  return state.login ? words.waits_login : !state.up ? words.waits_offline : state.trouble ? words.waits_server : words.waits_turn;
}

const act = (label, what, does) => made('button', { type: 'button', className: 'plain', ariaLabel: `${label}: ${what}`, onclick: does }, label);

function actions(row, title) {
  const { number } = row;
  const edit = (label) => made('a', { href: `/permohonan/baru#buka-${number}`, ariaLabel: `${label}: ${title}` }, label);
  const slip = hasSlip(row.content) ? [made('a', { href: `/permohonan/slip#${number}`, ariaLabel: `${words.slip}: ${title}` }, words.slip)] : [];
  const remove = act(words.remove, title, () => change(row, 'removed', { was: row.state }));
  switch (row.state) {
    case 'refused': return [...(row.content.problem.server_time ? [act(words.by_server, title, () => byServer(row))] : []), edit(words.mend), remove, ...slip];
    case 'asked': return [act(words.send_anyway, title, () => anyway(row)), edit(words.open), remove, ...slip];
    case 'waiting': return [...slip, edit(words.open), remove];
    case 'stuck': return [...slip, edit(words.open), remove];
    case 'sent': return photos([row], true).length ? [act(words.understood, title, () => forget(row))] : [];
    case 'draft': return [edit(words.go_on), remove];
    case 'removed': return [act(words.undo, title, () => change(row, row.content.was))];
    default: return [];
  }
}

function details({ state: at, content }) {
  if (at === 'waiting') return [made('p', { className: 'hint' }, why())];
  if (at === 'stuck') return [made('p', { className: 'reasons' }, content.fault.foreign ? words.stuck_foreign : say(words, 'stuck_status', content.fault)), made('p', { className: 'hint' }, words.stuck_hint)];
  if (at === 'asked') return [made('ul', { className: 'reasons' }, ...reasons(content.problem).map((reason) => made('li', {}, reason))), made('p', { className: 'hint' }, words.asked_hint)];
  if (at === 'removed' && content.snapshot?.values.kunci) return [made('p', { className: 'hint' }, words.maybe_arrived)];
  if (at === 'refused' && content.problem.errors?.some(({ field }) => field === 'Idempotency-Key')) return [made('p', { className: 'reasons' }, words.arrived_before)];
  if (at === 'refused' && content.problem.server_time) return [made('p', { className: 'reasons' }, say(words, 'clock_differs', { time: clock(content.problem.server_time) }))];
  if (at === 'refused') return [made('ul', { className: 'reasons' }, ...reasons(content.problem).map((reason) => made('li', {}, reason)))];
  if (at === 'sent') return [...attached(content), made('p', { className: 'codes' }, ...(content.answer.cases ?? []).filter((each) => each.tracking).slice(0, 3).map(({ tracking }) => made('code', {}, shown(tracking))))];
  return [];
}

function attached({ answer, photos: all = [] }) {
  const [going, failed] = [all.filter(({ problem }) => !problem), all.filter(({ problem }) => problem)];
  const redrawn = (answer.warnings ?? []).filter(({ code }) => code === 'tracking.redrawn');
  return [
    ...redrawn.length ? [made('ul', { className: 'reasons' }, ...redrawn.map(({ field, ...said }) => made('li', {}, `${say(words, 'resident', { n: Number(field.split('.')[1]) + 1 })}: ${(document.documentElement.lang === 'en' && said.en) || said.warning}`)))] : [],
    ...going.length ? [made('p', { className: 'hint' }, say(words, 'photos_count', { n: going.length }))] : [],
    ...failed.length ? [made('ul', { className: 'reasons' }, ...failed.map(({ name, problem }) => made('li', {}, `${name}: ${words[`photo_${problem}`] ?? problem}`)))] : [],
  ];
}

export function reasons({ detail, errors = [] }, english = document.documentElement.lang === 'en') {
  const found = errors.map((error) => (english && error.en) || error.rule);
  return found.length ? found : [detail];
}

function entry(row) {
  const [icon, tone] = BADGES[row.state];
  const badge = made('span', { className: `badge ${tone}` }, made('span', { ariaHidden: 'true' }, icon), words[row.state]);
  if (!row.content) return made('li', { data: { state: row.state } }, badge, made('p', { className: 'hint' }, words.unreadable), act(words.remove, `${row.number}`, () => drop(row.number)));
  const { label, at } = row.content;
  const title = [label.kelurahan, label.letter].filter(Boolean).join(' · ') || words.draft;
  const time = say(words, row.state === 'draft' ? 'kept_at' : 'filed_at', { time: clock(at) });
  return made('li', { data: { state: row.state, number: row.number } },
    made('div', { className: 'head' }, made('strong', {}, row.state === 'sent' ? made('a', { href: `/permohonan/${row.content.answer.request_id}` }, title) : title), badge),
    made('p', { className: 'hint' }, `${say(words, 'residents', { n: label.residents })} · ${time}`),
    ...details(row),
    made('div', { className: 'acts' }, ...actions(row, title)));
}

function entries(element) {
  // Whoever is about to press a button must not lose it to a repaint that changes nothing.
  const key = JSON.stringify([state.owner?.operator, state.rows.map((row) => [row.number, row.state, row.content?.photos?.map(({ id, problem }) => [id, problem])]), state.rows.length && why()]);
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  if (!state.owner || !state.rows.length) {
    element.replaceChildren(made('p', { className: 'hint' }, state.owner ? words.empty : words.locked));
    return;
  }
  const sorted = [...state.rows].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.state === 'sent' ? b.number - a.number : a.number - b.number));
  element.replaceChildren(...count('waiting', 'stuck') ? [made('p', { className: 'now' }, state.login ? logIn() : now())] : [],
    made('ul', { className: 'entries' }, ...sorted.map(entry)));
}

function now() {
  const button = made('button', { type: 'button', className: 'button quiet' }, words.send_now);
  button.onclick = async () => {
    Object.assign(button, { disabled: true, textContent: words.sending });
    await sendNow();
    Object.assign(button, { disabled: false, textContent: words.send_now });
  };
  return button;
}

// Shows the queue in `element`, a part made by antrean.html.j2.
export function mount(element) {
  words = JSON.parse(element.dataset.words);
  const list = element.querySelector('[data-antrean=entries]');
  listen(() => {
    entries(list);
    document.querySelectorAll('[data-antrean=line]').forEach(line);
    document.querySelectorAll('[data-antrean=answer]').forEach(answer);
  });
}

const place = document.querySelector('[data-antrean=list]');
if (place) {
  mount(place);
  store.speak(place.dataset.language);
  navigator.serviceWorker?.register('/sw.js', { type: 'module', updateViaCache: 'none' });
  // What waits must not be thrown away when the disk runs low.
  navigator.storage?.persist?.();
  begin();
}
