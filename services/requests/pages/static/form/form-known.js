// Who has an open case is told while the rest is still being typed: by the NIK, or by name, birth date and kelurahan.
// One question a resident, and a new one only when the answer may be another; the one before is called off.
import { call } from './antrean-sending.js';
import { faulty, place, placeWarnings, shrink, tell } from './form-errors.js';
import { blocks, field, nikOf, part, statedOf } from './form-residents.js';
import { wrong } from './form-rules.js';
import { now } from './moment.js';

const ADDRESS = '/api/requests/requests/check/resident', NOTHING = { errors: [], warnings: [] };

// What stands in the form, asked once; what was answered before stands again.
export function recognise() {
  for (const block of blocks()) {
    const question = questionOf(block);
    if (block.asked?.question !== question) ask(block, question);
    else if (block.asked.answer) tellOf(block, block.asked.answer);
  }
}

function questionOf(block) {
  const { value: kelurahan } = document.getElementById('formulir').elements.kelurahan;
  const nik = nikOf(block), name = part(block, 'name').value.trim(), born = statedOf(block);
  if (kelurahan && name && (born || nik)) return JSON.stringify({ kelurahan, nik, name, birth_date: born });
  return nik ? JSON.stringify({ nik }) : null;
}

async function ask(block, question) {
  block.asked?.stop?.abort();
  const stop = new AbortController(), asked = block.asked = { question, stop, answer: question ? null : NOTHING };
  if (question) {
    const body = JSON.stringify({ at: now(), ...JSON.parse(question) });
    const said = await call(ADDRESS, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, signal: stop.signal });
    asked.answer = said?.ok ? await said.json().catch(() => null) : null;
  }
  if (block.asked !== asked || !block.isConnected) return;
  if (!asked.answer) block.asked = null;  // To be asked again with the next key.
  else if (questionOf(block) === question) tellOf(block, asked.answer);
}

function tellOf(block, { errors, warnings }) {
  const here = (found) => found.map((each) => ({ ...each, field: part(block, each.field).name }));
  const nik = field(block, 'nik');
  if (faulty.delete(nik)) tell(nik, wrong(nik));
  place(here(errors));
  placeWarnings(here(warnings), field(block, 'name'));
  shrink();
}
