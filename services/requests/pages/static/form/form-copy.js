// A request is filed again, or another like it: the form begins with what was filed before. What each filing has of its
// own is left out: its key, its codes and photos, the letter's number, and who consents.
import { call } from './antrean-sending.js';
import { written } from './days.js';

const OWN = /^(kunci|consent|letter\.number|residents\.\d+\.(photos|tracking))$/, ANEW = /^(letter\.date|residents\.\d+\.documents)$/;
const KEPT = ['kelurahan', 'kelurahan_name', 'kind', 'letter.date', 'address', 'contact.name', 'contact.phone'];
const HASH = /^#(salin|lagi)-([0-9a-f-]{36})$/;

// What stands for the next letter of the same kelurahan, of what was filed just now.
export const keptOf = ({ values }) => Object.fromEntries(KEPT.filter((name) => values[name]).map((name) => [name, values[name][0]]));

// A copy of what was filed just now.
export function copyOf({ residents, values }) {
  return { residents, values: Object.fromEntries(Object.entries(values).filter(([name]) => !OWN.test(name) && !ANEW.test(name))) };
}

// What the address asks for: how ("lagi" for filing again) and which request; null for nothing of this kind.
export function wanted(hash) {
  const [, how, id] = HASH.exec(hash) ?? [];
  return id ? { how, id } : null;
}

// The request as the form holds it; null without an answer. `number` is that of a letter that is filed again.
export async function fetched({ how, id }) {
  const again = how === 'lagi';
  const said = await call(`/api/requests/requests/${id}/copy?purpose=permohonan${again ? '&ended=true' : ''}`);
  const told = said?.ok ? await said.json().catch(() => null) : null;
  return told && { snapshot: snapshotOf(told, again), number: again ? told.number : null, of: told.number, left: told.left_out };
}

function snapshotOf(told, again) {
  const { contact, drive, residents } = told;
  const flat = {
    kelurahan: told.kelurahan, kelurahan_name: told.kelurahan_name, kind: told.kind, 'letter.date': again ? written(told.date) : null,
    address: told.address, 'contact.name': contact.name, 'contact.phone': contact.phone,
    ...under('drive', drive && { ...drive, on_holidays: drive.on_holidays ? 'ya' : null }),
    ...Object.assign({}, ...residents.map((each, at) => under(`residents.${at}`, residentOf(each, told, again)))),
  };
  const values = Object.entries(flat).map(([name, value]) => [name, [value ?? []].flat().map(String)]);
  return { residents: residents.length, values: Object.fromEntries(values.filter(([, list]) => list.length)) };
}

const under = (name, values) => Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [`${name}.${key}`, value]));

// What a resident has from the letter stays the letter's.
function residentOf({ birth_date: born, birth_date_estimated: year, recorded_before: before, ...told }, { address, contact }, again) {
  return {
    ...told, birth_date: year ? born.slice(0, 4) : written(born), recorded_before: before === null ? null : before ? 'yes' : 'no',
    address: told.address === address ? null : told.address, phone: told.phone === contact.phone ? null : told.phone,
    documents: again ? told.documents : [], family_card: told.family_card ? 'ya' : null,
  };
}
