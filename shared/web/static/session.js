// A session's cookie lasts minutes and is made anew as long as the person may be in. Once it is over a dialog says so:
// the login opens in a tab of its own, and what is typed here stays.
const over = document.getElementById('sesi'), tabs = new BroadcastChannel('sesi');

const renewed = () => fetch('/masuk/segarkan', { method: 'POST' });

async function goneOn() {
  const said = await renewed();
  if (said.status === 401) ask();
  return said.ok;
}

function ask() {
  if (!over) return location.reload();  // The server asks to log in again.
  if (over.open) return undefined;
  over.querySelector('a').href = `/masuk?kembali=${encodeURIComponent(location.pathname)}`;
  return over.showModal();
}

// fetch, once more after a cookie that ran out.
export const fetched = (address, options = {}, patience = 20000) => twice(() => fetch(address, { ...options, signal: AbortSignal.timeout(patience) }));

export async function twice(ask) {
  const said = await ask();
  return said.status === 401 && await goneOn() ? ask() : said;
}

// Whoever opens a page is in: another tab that waits for that goes on.
tabs.postMessage('');
tabs.onmessage = async () => over?.open && (await renewed()).ok && over.close();
over?.querySelector('button').addEventListener('click', () => over.close());
