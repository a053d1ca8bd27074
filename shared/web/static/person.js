// A person is read only on demand and for a purpose; who read whom is written down before anything is shown.
import { attempt, flat } from './commands.js';
import { fetched } from './session.js';
import { element, has, t } from './words.js';

const SHOWN = [
  'name', 'nik', 'birth_date', 'sex', 'marital_status', 'reason', 'vulnerable', 'needs', 'recorded_before', 'photo_reason',
  'address', 'phone', 'contact.name', 'contact.phone',
];
const CHAPTERS = {
  sex: 'isian', marital_status: 'kawin', reason: 'alasan', vulnerable: 'rentan', needs: 'kebutuhan', recorded_before: 'pernah',
  photo_reason: 'alasanfoto',
};

// What is known, by the names that fields of forms have; nothing when it was refused.
export async function asked(form, from, purpose) {
  const answer = await attempt(form, () => fetched(`${from}?purpose=${encodeURIComponent(purpose)}`));
  return answer && flat(answer);
}

const said = (name, value) => Array.isArray(value) ? value.map((each) => said(name, each)).join(', ') : name in CHAPTERS && has(`${CHAPTERS[name]}.${value}`) ? t(`${CHAPTERS[name]}.${value}`) : value;

export function showing() {
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.person');
    if (!form) return;
    event.preventDefault();
    const person = await asked(form, form.dataset.from, form.elements.purpose.value);
    if (!person) return;
    const place = form.parentElement.querySelector('.shown');
    const pairs = SHOWN.filter((name) => String(person[name] ?? '')).flatMap((name) => [
      element('dt', {}, t(`isian.${name.split('.').pop()}`)), element('dd', {}, said(name, person[name])),
    ]);
    const hide = element('button', { type: 'button', className: 'plain' }, t('rinci.person_hide'));
    hide.addEventListener('click', () => { place.replaceChildren(); form.hidden = false; form.elements.purpose.focus(); });
    const known = pairs.length ? element('dl', { className: 'pairs' }, ...pairs) : element('p', {}, t('rinci.person_none'));
    place.replaceChildren(known, element('p', { className: 'soft' }, `${t('rinci.person_shown')} `, hide));
    form.hidden = true;
    hide.focus();
  });
}
