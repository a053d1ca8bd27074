// A person is read only on demand and for a purpose; who read whom is written down before anything is shown.
import { attempt, flat } from './commands.js';
import { spoken } from './days.js';
import { fetched } from './session.js';
import { element, has, t } from './words.js';

const SHOWN = [
  'name', 'nik', 'birth_date', 'sex', 'marital_status', 'reason', 'vulnerable', 'needs', 'recorded_before', 'photo_reason',
  'address', 'phone', 'contact.name', 'contact.phone', 'usual_reason',
];
const CHAPTERS = {
  sex: 'isian', marital_status: 'kawin', reason: 'alasan', vulnerable: 'rentan', needs: 'kebutuhan', recorded_before: 'pernah',
  photo_reason: 'alasanfoto', usual_reason: 'alasan',
};

// Where a person, or whom a letter names, is read for a purpose.
export const reading = (from, purpose) => fetched(`${from}?purpose=${encodeURIComponent(purpose)}`);

// What is known, by the names that fields of forms have: of a birth date that was estimated only the year.
export function known(answer) {
  const values = flat(answer);
  return values.birth_date_estimated ? { ...values, birth_date: values.birth_date.slice(0, 4) } : values;
}

const BORN = (value) => value.length === 4 ? t('bagian.estimated', { date: value }) : spoken(value);
const said = (name, value) => name === 'birth_date' ? BORN(value) : Array.isArray(value) ? value.map((each) => said(name, each)).join(', ') : name in CHAPTERS && has(`${CHAPTERS[name]}.${value}`) ? t(`${CHAPTERS[name]}.${value}`) : value;

export function showing() {
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.person');
    if (!form) return;
    event.preventDefault();
    const answer = await attempt(form, () => reading(form.dataset.from, form.elements.purpose.value));
    if (!answer) return;
    const person = known(answer);
    const place = form.parentElement.querySelector('.shown');
    const pairs = SHOWN.filter((name) => String(person[name] ?? '')).flatMap((name) => [
      element('dt', {}, t(`isian.${name.split('.').pop()}`)), element('dd', {}, said(name, person[name])),
    ]);
    const hide = element('button', { type: 'button', className: 'plain' }, t('rinci.person_hide'));
    hide.addEventListener('click', () => { place.replaceChildren(); form.hidden = false; form.elements.purpose.focus(); });
    const shown = pairs.length ? element('dl', { className: 'pairs' }, ...pairs) : element('p', {}, t('rinci.person_none'));
    place.replaceChildren(shown, element('p', { className: 'soft' }, `${t('rinci.person_shown')} `, hide));
    form.hidden = true;
    hide.focus();
  });
}
