// Papers of a resident as files: listed when somebody looks, attached with a photo made small first, opened by a link
// that soon ends, taken back by a dialog that asks.
import { attempt, now } from './commands.js';
import { refresh } from './live.js';
import { fetched, twice } from './session.js';
import { shrunk } from './shrink.js';
import { toast } from './toast.js';
import { uploaded } from './upload.js';
import { element, number, t } from './words.js';

const KB = 1024;

export function attaching() {
  document.addEventListener('toggle', (event) => {
    if (event.target.matches?.('details.attachments') && event.target.open) list(event.target);
  }, true);

  // A photo from the camera stands where a chosen file would.
  document.addEventListener('change', ({ target }) => {
    if (target.matches('.attach .camera input') && target.files.length) target.form.elements.file.files = target.files;
  });

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('form.attach');
    if (!form) return;
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file) return form.elements.file.focus();
    const query = `document=${encodeURIComponent(form.elements.document.value)}`;
    // The same file for the same paper, sent again over a bad line, is the same command.
    const same = `${query} ${file.name} ${file.size} ${file.lastModified}`;
    if (form.dataset.same !== same) {
      Object.assign(form.dataset, { same, key: crypto.randomUUID(), at: now() });
      form.small = shrunk(file);
    }
    const headers = { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': form.dataset.key };
    const body = await form.small, told = progress(form, body);
    const stored = await attempt(form, () => twice(() => uploaded(`${form.dataset.to}?${query}&at=${form.dataset.at}`, { headers, body, told })));
    told(null);
    if (!stored) return;
    form.reset();
    toast(t('rinci.attached'));
    await Promise.all([list(form.closest('details')), refresh()]);
  });
}

// How far a file is on its way; null once it is there, or was given up.
function progress(form, { size }) {
  const bar = element('progress', { max: 100, value: 0, ariaLabel: t('rinci.attach_send') });
  const line = element('p', { className: 'sending', role: 'status' }, bar, ' ', element('span'));
  form.append(line);
  return (percent) => {
    if (percent === null) return line.remove();
    bar.value = percent;
    line.lastChild.textContent = t('rinci.attach_progress', { percent, size: number(Math.ceil(size / KB)) });
    return undefined;
  };
}

// Takes the open lists anew; the focus that went with a line goes to its list.
export async function relist() {
  const open = [...document.querySelectorAll('details.attachments[open]')];
  const focused = open.find((details) => details.contains(document.activeElement));
  await Promise.all(open.map(list));
  if (focused && !focused.contains(document.activeElement)) focused.querySelector('summary').focus();
}

async function list(details) {
  const place = details.querySelector('.shown'), form = details.querySelector('form');
  const found = await attempt(form, () => fetched(form.dataset.to));
  if (!found) return;
  const lines = found.items.map((item) => element('li', {},
    element('span', {}, `${t(`dokumen.${item.document}`)} `, element('span', { className: 'soft' }, `${item.type.split('/').pop().toUpperCase()}, ${number(Math.ceil(item.size / KB))} KB`)),
    opener(form, item), ...('removes' in form.dataset ? [remover(form, item)] : [])));
  place.replaceChildren(lines.length ? element('ul', { className: 'plainlist files' }, ...lines) : element('p', { className: 'soft' }, t('rinci.attachments_none')));
}

function button(item, words) {
  const label = `${words}: ${t(`dokumen.${item.document}`)}`;
  return element('button', { type: 'button', className: 'plain', ariaLabel: label }, words);
}

// What the dialog asks about is said by the button that opens it.
function remover(form, item) {
  const made = button(item, t('rinci.remove'));
  const title = t('rinci.remove_ask', { name: t(`dokumen.${item.document}`) });
  Object.assign(made.dataset, { opens: 'hapus', title, to: `${form.dataset.to}/${item.attachment_id}`, done: t('rinci.removed') });
  return made;
}

function opener(form, item) {
  const made = button(item, t('rinci.attach_open'));
  made.addEventListener('click', async () => {
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ purpose: 'permohonan' }) };
    const link = await attempt(form, () => fetched(`${form.dataset.to}/${item.attachment_id}/link`, options));
    if (link) window.open(link.url, '_blank', 'noopener');
  });
  return made;
}
