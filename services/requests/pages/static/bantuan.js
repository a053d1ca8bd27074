// Help that names no office: whoever works at this device sees theirs, also without a line. Families see the page as is.
import { owner } from './antrean-store.js';

const only = (parts, chosen) => parts.forEach((part) => { part.hidden = !chosen(part); });
const need = (paper) => paper.required ? paper.when : 'welcome';

function called(phone) {
  const link = document.querySelector('.call a');
  link.textContent = phone ?? '';
  if (phone) link.href = `tel:${phone.replaceAll(' ', '')}`;
  only(document.querySelectorAll('[data-phone]'), ({ dataset }) => dataset.phone === (phone ? 'yes' : 'no'));
}

const who = await owner().catch(() => null);
if (who?.office) {
  document.querySelector('[data-office]').textContent = who.office;
  called(who.office_phone);
  for (const item of document.querySelectorAll('[data-service] [data-paper]')) {
    const paper = who.policy.services[item.closest('[data-service]').dataset.service]?.papers[item.dataset.paper];
    if (paper) only(item.querySelectorAll('[data-need]'), ({ dataset }) => dataset.need === need(paper));
  }
}
document.documentElement.classList.add('awake');
