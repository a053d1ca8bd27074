// Keeps the form on the device: one version of it, whole. VERSION and KEPT stand in front of this text.
// Nothing else is kept: what a page of the server shows, it shows only while the server is there.
import { language, left, lock } from './antrean-store.js';

const CACHE = `formulir-${VERSION}`, FORM = '/permohonan/baru', PATIENCE = 3000;

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
  else if (event.request.method === 'GET' && (pathname === '/permohonan' || pathname.startsWith('/permohonan/'))) {
    event.respondWith(page(event.request, pathname === FORM ? PATIENCE : null));
  }
});

const kept = async (request) => await caches.match(request, { cacheName: CACHE }) ?? fetch(request);

// The server's own page while it answers, in time if `patience` is given; else the form with the queue.
async function page(request, patience) {
  const said = fetch(request).then((answer) => answer.status >= 500 ? null : answer, () => null);
  const late = patience && new Promise((resolve) => setTimeout(resolve, patience, null));
  return await Promise.race(late ? [said, late] : [said]) ?? await shell() ?? await said ?? Response.error();
}

const shell = async () => caches.match(`/permohonan/kerangka/${await language() === 'en' ? 'en' : 'id'}`, { cacheName: CACHE });

// Out is out on this device at once; the server is told as soon as it can be reached.
async function leave(request) {
  await lock(true);
  new BroadcastChannel('antrean').postMessage('');
  try {
    const said = await fetch(request);
    if (said.status < 500) await left();
    return said;
  } catch {
    return await shell() ?? Response.error();
  }
}
