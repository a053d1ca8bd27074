// Keeps the form on the device, and the page that stands in for all others: one version of them, whole. VERSION and
// KEPT stand in front of this text. Nothing else is kept here: no page that the server made for somebody.
import { language, left, lock } from './antrean-store.js';

const CACHE = `formulir-${VERSION}`, FORM = '/permohonan/baru', SLIP = '/permohonan/slip', HELP = '/bantuan', SOON = 3000, LATE = 20000;

// All files or none: a worker that lacks one never takes over.
addEventListener('install', (event) => event.waitUntil(keep()));
addEventListener('activate', (event) => event.waitUntil(takeOver()));

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((address) => new Request(address, { cache: 'no-cache' })));
  // A page loads all its scripts at once, by digest: it does not mind a new worker.
  await skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) if (name.startsWith('formulir-') && name !== CACHE) await caches.delete(name);
  await clients.claim();
}

addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin) return;
  if (KEPT.includes(pathname)) event.respondWith(kept(event.request));
  else if (event.request.mode !== 'navigate') return;
  else if (pathname === '/keluar' && event.request.method === 'POST') event.respondWith(leave(event.request));
  else if (event.request.method !== 'GET' && !pathname.startsWith('/permohonan')) return;
  else if (pathname === FORM) event.respondWith(page(event.request, ours, SOON, 'kerangka'));
  else if (pathname === HELP) event.respondWith(page(event.request, ours, SOON, 'kerangka-bantuan'));
  else if (pathname === SLIP) event.respondWith(page(event.request, ours, SOON, 'kerangka-slip'));
  else if (pathname === '/permohonan' || pathname.startsWith('/permohonan/')) event.respondWith(page(event.request, ours, LATE, 'luring'));
  else event.respondWith(page(event.request, Boolean, null, 'luring'));
});

const kept = async (request) => await caches.match(request, { cacheName: CACHE }) ?? fetch(request);

// Whether an answer is of this server, and no error: a proxy, or the login of a Wi-Fi, answers with pages of its own.
const ours = (answer) => answer.type === 'opaqueredirect'
  || (answer.status < 500 && Boolean(answer.headers.get('Content-Security-Policy')?.includes("frame-ancestors 'none'")));

// The server's own page while it answers well, in time if `patience` is given; else what stands in for it.
async function page(request, well, patience, instead) {
  const said = fetch(request).then((answer) => well(answer) ? answer : null, () => null);
  const late = patience && new Promise((resolve) => setTimeout(resolve, patience, null));
  return await Promise.race(late ? [said, late] : [said]) ?? await shell(instead) ?? await said ?? Response.error();
}

const shell = async (name) => caches.match(`/permohonan/${name}/${await language() === 'en' ? 'en' : 'id'}`, { cacheName: CACHE });

// Out is out on this device at once; the server is told as soon as it can be reached.
async function leave(request) {
  await lock(true);
  new BroadcastChannel('antrean').postMessage('');
  try {
    const said = await fetch(request);
    if (said.status < 500) await left();
    return said;
  } catch {
    return await shell('kerangka') ?? Response.error();
  }
}
