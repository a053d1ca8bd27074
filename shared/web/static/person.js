// A person is read only on demand and for a purpose; who read whom is written down before anything is shown.
import { attempt } from './commands.js';
import { fetched } from './session.js';
import { element, has, t } from './words.js';

const SHOWN = ['name', 'nik', 'birth_date', 'sex', 'marital_status', 'reason', 'vulnerable', 'needs', 'address', 'phone'];
const CHAPTERS = { sex: 'isian', marital_status: 'kawin', reason: 'alasan', vulnerable: 'rentan', needs: 'kebutuhan' };

export const asked = (form, from, purpose) => attempt(form, () => fetched(`${from}?purpose=${encodeURIComponent(purpose)}`));

const said = (name, value) => Array.isArray(value) ? value.map((each) => said(name, each)).join(', ') : name in CHAPTERS && has(`${CHAPTERS[name]}.${value}`) ? t(`${CHAPTERS[name]}.${value}`) : value;

export function showing() {
  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.person');
    if (!form) return;
    event.preventDefault();
    const person = await asked(form, form.dataset.from, form.elements.purpose.value);
    if (!person) return;
    const place = form.parentElement.querySelector('.shown');
    const pairs = SHOWN.filter((name) => person[name]?.length).flatMap((name) => [
      element('dt', {}, t(`isian.${name}`)), element('dd', {}, said(name, person[name])),
    ]);
    const hide = element('button', { type: 'button', className: 'plain' }, t('rinci.person_hide'));
    hide.addEventListener('click', () => { place.replaceChildren(); form.hidden = false; form.elements.purpose.focus(); });
    place.replaceChildren(element('dl', { className: 'pairs' }, ...pairs), element('p', { className: 'soft' }, `${t('rinci.person_shown')} `, hide));
    form.hidden = true;
    hide.focus();
  });
}
