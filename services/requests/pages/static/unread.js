// What changed since somebody saw it on this device: such rows of the list are marked, and counted in the title. A row is
// seen once its request was opened, or all were marked; on a device that was never here nothing is news.
const KEY = 'terlihat', SINCE = 'sejak', MOST = 2000;
const note = document.getElementById('belum-dilihat'), title = document.title;
const rows = () => [...document.querySelectorAll('[data-request]')];
const read = () => JSON.parse(localStorage.getItem(KEY) ?? '{}');

function see(...those) {
  const seen = read();
  for (const { dataset } of those) seen[dataset.request] = dataset.mark;
  const ids = Object.keys(seen).sort().reverse().slice(0, MOST);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(ids.map((id) => [id, seen[id]]))));
}

// Ids have the order of filing: what was there before this device was here for the first time is no news.
function since() {
  const began = localStorage.getItem(SINCE) ?? [...rows().map((row) => row.dataset.request)].sort().at(-1) ?? '';
  localStorage.setItem(SINCE, began);
  return began;
}

function mark() {
  const seen = read(), began = since();
  const isNews = ({ request, mark: now }) => request in seen ? seen[request] !== now : request > began;
  const news = rows().filter((row) => isNews(row.dataset));
  see(...rows().filter((row) => !news.includes(row)));
  for (const row of rows()) {
    const place = row.querySelector('.new');
    place.textContent = news.includes(row) ? place.dataset.word : '';
  }
  note.hidden = !news.length;
  const said = note.querySelector('[data-unread]');
  said.textContent = said.dataset.unread.replace('#', news.length);
  document.title = news.length ? `(${news.length}) ${title}` : title;
}

const look = note ? mark : () => see(...rows());
note?.querySelector('button').addEventListener('click', () => {
  see(...rows());
  mark();
});
document.addEventListener('refreshed', look);
look();
