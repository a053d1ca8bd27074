// The text for a family: copied, or opened in WhatsApp on this device. It goes to no server of ours, and names nobody.
import { toast } from './toast.js';

const text = (id) => document.getElementById(id).innerText.trim();

export function telling() {
  document.addEventListener('click', async ({ target }) => {
    const copies = target.closest('[data-copies]'), opens = target.closest('[data-whatsapp]');
    if (opens) opens.href = `https://wa.me/?text=${encodeURIComponent(text(opens.dataset.whatsapp))}`;
    if (!copies) return;
    await navigator.clipboard.writeText(text(copies.dataset.copies)).then(() => toast(copies.dataset.done), () => {
      // Without leave to copy, or on plain http: it is marked, for Ctrl+C.
      getSelection().selectAllChildren(document.getElementById(copies.dataset.copies));
    });
  });
}
