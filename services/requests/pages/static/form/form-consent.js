// Who consents is never chosen by itself. Where a resident can hardly do it alone, family and guardian are put forward.
import { made, say } from './antrean.js';
import { fieldOf, tell, warn, words } from './form-errors.js';
import { blocks, isMinor, part } from './form-residents.js';

const consent = document.getElementById('formulir').elements.consent;
const OTHERS = ['keluarga', 'wali'];
const named = (value) => [...consent.options].find((option) => option.value === value).textContent;

export function suggest() {
  const at = blocks().findIndex((block) => part(block, 'reason').value === 'odgj' || isMinor(block));
  const fits = at < 0 || ['', 'warga'].every((value) => value !== consent.value);
  const why = fits || (part(blocks()[at], 'reason').value === 'odgj' ? 'consent_odgj' : 'consent_minor');
  warn(fieldOf('consent'), ...fits ? [] : [`${say(words, why, { n: at + 1 })} `, ...OTHERS.flatMap((value) => [choose(value), ' '])]);
}

function choose(value) {
  const take = () => {
    consent.value = value;
    tell(fieldOf('consent'), null);
    consent.dispatchEvent(new Event('input', { bubbles: true }));
    consent.focus();
  };
  return made('button', { type: 'button', className: 'plain', onclick: take }, named(value));
}
