// Tracking codes that this device holds, for families who leave before their request arrives. The server reserves them
// for the operator; each is given once, and keeps its QR code here for the slip.
import { call, state } from './antrean-line.js';
import * as store from './antrean-store.js';

const LOW = 20, SELDOM = 60000, DAY = 86400e3, GIVEN = 60 * DAY;
let asked = 0;

const alone = (work) => navigator.locks.request('kode', work);
const usable = ({ free }) => free.filter(({ until }) => until > Date.now());
const nameOf = (place) => `residents.${place}.tracking`;

// As many as a day without a line may need, while there is one.
export async function restock() {
  if (!state.met || state.login || !state.owner || !state.up || Date.now() - asked < SELDOM) return;
  const { owner } = state, [kelurahan] = owner.kelurahan ?? [];
  if (!kelurahan) return;
  asked = Date.now();
  await alone(async () => {
    const kept = await store.codes(owner);
    if (usable(kept).length >= LOW) return;
    const said = await call(`/permohonan/kode/${kelurahan.code}`, { method: 'POST' });
    const told = said?.ok ? await said.json().catch(() => null) : null;
    if (!told?.codes) return;
    const until = Date.now() + told.days * DAY;
    await store.keepCodes(owner, { ...kept, free: [...usable(kept), ...told.codes.map((code) => ({ ...code, until }))] });
  });
}

// An entry with a code for each resident, as far as there are any; one that was opened again keeps its own.
export function withCodes(content) {
  const { owner } = state;
  return alone(async () => {
    const kept = await store.codes(owner), free = usable(kept), values = { ...content.snapshot.values };
    const given = kept.given.filter(({ at }) => at > Date.now() - GIVEN);
    const residents = content.body.residents.map((resident, place) => {
      const before = values[nameOf(place)]?.[0], taken = before ? null : free.shift();
      if (taken) given.push({ code: taken.code, qr: taken.qr, at: Date.now() });
      const tracking = before ?? taken?.code;
      if (!tracking) return resident;
      values[nameOf(place)] = [tracking];
      return { ...resident, tracking };
    });
    await store.keepCodes(owner, { free, given });
    return { ...content, body: { ...content.body, residents }, snapshot: { ...content.snapshot, values } };
  });
}

// As it is printed; an answer of the server may have its hyphens already.
export const shown = (code) => code.includes('-') || code.length !== 11 ? code : `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;

export const hasSlip = (content) => Boolean(content?.body?.residents.some(({ tracking }) => tracking));
