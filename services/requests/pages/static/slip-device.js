// The slips of an entry that still waits on this device: its codes are reserved, so the family may go with them now.
import { shown } from './antrean-codes.js';
import { begin, listen } from './antrean-sending.js';
import { codes } from './antrean-store.js';

const SVG = 'http://www.w3.org/2000/svg';
const template = document.getElementById('slip'), place = document.querySelector('.slips'), said = document.getElementById('keadaan');
let drawn = null;

function qr(rows) {
  const size = rows.length + 2, picture = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path');
  picture.setAttribute('viewBox', `0 0 ${size} ${size}`);
  path.setAttribute('d', rows.flatMap((row, y) => [...row].map((module, x) => module === '1' ? `M${x + 1} ${y + 1}h1v1h-1z` : '')).join(''));
  picture.append(path);
  return picture;
}

const required = (papers = {}) => Object.keys(papers).filter((name) => papers[name].required && papers[name].when === 'always');

function slip({ tracking, service, documents }, n, total, { office, office_phone: phone, track, policy }, given) {
  const made = template.content.firstElementChild.cloneNode(true), part = (name) => made.querySelector(name);
  const label = made.dataset.label.replace('#', n + 1).replace('~', total);
  const papers = new Set([...required(policy.services[service]?.papers), ...documents]);
  made.setAttribute('aria-label', label);
  part('.office b').textContent = office ?? '';
  part('.office span').textContent = label;
  part('.code').textContent = shown(tracking);
  part('.site').textContent = track ?? '';
  part('.help').textContent = track?.replace(/lacak$/, 'bantuan') ?? '';
  if (phone) part('[data-phone] b').textContent = phone; else part('[data-phone]').remove();
  const rows = given.find(({ code }) => code === tracking)?.qr;
  if (rows) part('.qr').append(qr(rows)); else part('.qr').remove();
  for (const paper of made.querySelectorAll('[data-paper]')) if (!papers.has(paper.dataset.paper)) paper.remove();
  return made;
}

// Once: what stands on paper does not change while its entry is on its way.
listen(async ({ owner, rows }) => {
  const row = rows.find(({ number }) => number === Number(location.hash.slice(1))), id = row?.content?.answer?.request_id;
  if (id && !drawn) return location.replace(`/permohonan/${id}/slip`);
  const residents = row?.content?.body?.residents ?? [];
  if (drawn || !owner || !residents.some(({ tracking }) => tracking)) {
    if (!drawn) said.textContent = said.dataset.none;
    return undefined;
  }
  drawn = row.number;
  const { given } = await codes(owner);
  place.replaceChildren(...residents.flatMap((each, n) => each.tracking ? [slip(each, n, residents.length, owner, given)] : []));
  said.textContent = said.dataset.ready;
  for (const name of ['cetak', 'mencetak']) document.getElementById(name).hidden = false;
  return undefined;
});
document.getElementById('cetak').addEventListener('click', () => print());
addEventListener('hashchange', () => location.reload());
begin();
