// The page of one request: commands with their dialogs, persons on demand, the list of a drive, attachments.
import { amending } from './amend.js';
import { applying } from './applied.js';
import { attaching, relist } from './attach.js';
import { send } from './commands.js';
import { telling } from './family.js';
import { importing } from './import.js';
import { refresh } from './live.js';
import { showing } from './person.js';
import { toast } from './toast.js';

// Buttons that open a shared dialog say what it is about.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-opens][data-to]');
  if (!opener) return;
  const dialog = document.getElementById(opener.dataset.opens), form = dialog.querySelector('form');
  dialog.querySelector('h2').textContent = opener.dataset.title;
  form.reset();
  Object.assign(form.dataset, { to: opener.dataset.to, done: opener.dataset.done });
});

document.addEventListener('submit', async (event) => {
  const form = event.target.closest('form.command');
  if (!form) return;
  event.preventDefault();
  if (form.matches('.amend, .adds')) return;
  const { opening, dataset: { done } } = form;
  if (!await send(form)) return;
  if (form.opening === opening) {
    form.reset();
    form.closest('dialog')?.close();
  }
  toast(done);
  await Promise.all([refresh(), relist()]);
});

amending();
applying();
attaching();
importing();
showing();
telling();
