// Somebody else changed the same data: what stands now and what was meant are shown side by side, and each is to be
// chosen. What only one of the two changed is taken as it is.
import { fill, titled, told } from './filling.js';
import { element, t } from './words.js';

const same = (one, other) => String(one ?? '') === String(other ?? '');

// `mine` is what was meant to be changed, `base` what it was meant to change; null clears the table.
export function meet(form, meant) {
  const place = form.querySelector('.meanwhile');
  place.replaceChildren();
  place.hidden = true;
  if (!meant) return;
  const { base, mine } = meant, now = form.opening.before;
  fill(form, mine, Object.keys(mine));
  const changed = Object.keys(now).filter((name) => name in base && !same(now[name], base[name]) && !(name in mine && same(now[name], mine[name])));
  if (!changed.length) return;
  const head = ['field', 'now', 'mine'].map((name) => element('th', { scope: 'col', role: 'columnheader' }, t(`rinci.meanwhile_${name}`)));
  const rows = changed.map((name) => row(form, name, now[name], name in mine ? mine[name] : null));
  // With its roles: on a phone the rows are laid out another way.
  place.append(element('table', { role: 'table' },
    element('caption', {}, t('rinci.meanwhile')),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)),
    element('tbody', { role: 'rowgroup' }, ...rows)));
  place.hidden = false;
}

function row(form, name, now, mine) {
  const cell = (className, ...content) => element('td', { role: 'cell', className }, ...content);
  const title = element('th', { scope: 'row', role: 'rowheader' }, titled(form, name));
  if (mine === null) return element('tr', { role: 'row' }, title, cell('', told(form, name, now)), cell('soft', t('rinci.meanwhile_yours')));
  const choice = (value) => {
    const radio = element('input', { type: 'radio', name: `pilih-${name}` });
    radio.addEventListener('change', () => fill(form, { [name]: value }, [name]));
    return cell('', element('label', { className: 'tick' }, radio, element('span', {}, told(form, name, value))));
  };
  return element('tr', { role: 'row', className: 'choice' }, title, choice(now), choice(mine));
}

// Whether something is still to be chosen.
export const undecided = (form) => [...form.querySelectorAll('.meanwhile .choice')].some((each) => !each.querySelector(':checked'));
