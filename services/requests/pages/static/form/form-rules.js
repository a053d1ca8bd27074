// What can be seen to be wrong without the server, as a sentence at the field; and the body that is sent.
import { say } from './antrean.js';
import { state } from './antrean-sending.js';
import { dayOf, readOf, today, yearOf } from './days.js';
import { controlOf, labelOf, words } from './form-errors.js';
import { digits, fault } from './form-nik.js';
import { blocks, part } from './form-residents.js';

const form = document.getElementById('formulir');
const value = (name) => form.elements[name]?.value.trim() ?? '';
const drive = () => value('kind') === 'drive';
const named = (field) => labelOf(field).replace(/ \(.*\)$/, '').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
const required = (field) => say(words, field.querySelector('select, [type=radio]') ? 'e_choose' : 'e_required', { label: named(field) });
const phone = (text) => text && !/^\+?\d{8,15}$/.test(text.replace(/[\s().-]/g, '')) ? words.e_phone : null;

function past(field, text) {
  const day = text && readOf(controlOf(field));
  return !text ? null : !day ? controlOf(field).dataset.wrong : day > today() ? say(words, 'e_future', { label: named(field) }) : null;
}

const RULES = {
  kelurahan: () => value('kelurahan') ? null : words.kelurahan_pick,
  'letter.date': past,
  address: (field, text) => text || !drive() && blocks().every((block) => part(block, 'address').value.trim()) ? null : drive() ? required(field) : words.e_address,
  'drive.headcount': (_, text) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 20000 ? null : words.e_headcount,
  'contact.name': (field, text) => !text && (drive() || value('contact.phone')) ? required(field) : null,
  'contact.phone': (field, text) => !text && (drive() || value('contact.name')) ? required(field) : phone(text),
  'residents.*.nik': (_, text) => { const rule = text && fault(text); return rule ? say(words, rule, { n: digits(text).length }) : null; },
  'residents.*.birth_date': (field, text) => text || value(field.dataset.field.replace('birth_date', 'nik')) ? past(field, text) : words.e_birth,
  'residents.*.photo_reason': (_, reason) => {
    const rule = state.owner?.policy.photo_reasons[reason];
    return rule && !rule.permitted ? `${rule[document.documentElement.lang] ?? rule.id} (${rule.source})` : null;
  },
  'residents.*.phone': (_, text) => phone(text),
};

// The sentence for what is wrong at a field, or null.
export function wrong(field) {
  if (field.closest('[hidden]')) return null;
  const name = field.dataset.field, text = value(name);
  const asked = field.matches('[data-required]') || field.querySelector('[data-required]');
  if (asked && !text && name !== 'kelurahan') return required(field);
  const most = Number(controlOf(field)?.dataset.most);
  if (text.length > most) return say(words, 'e_long', { label: labelOf(field), most, n: text.length });
  return RULES[name.replace(/\.\d+\./, '.*.')]?.(field, text) ?? null;
}

export const fields = () => [...form.querySelectorAll('[data-field]')];

// All that stands in the form, to be put back as it is.
export function snapshot() {
  const values = {};
  for (const each of form.elements) {
    if (each.name && (['checkbox', 'radio'].includes(each.type) ? each.checked : each.value)) (values[each.name] ??= []).push(each.value);
  }
  return { residents: blocks().length, values };
}

// What stands in a snapshot, under a prefix.
function reader({ values }, before = '') {
  const text = (name) => values[before + name]?.[0]?.trim() || null;
  return { text, list: (name) => values[before + name] ?? [], on: (name) => Boolean(values[before + name]) };
}

const bornOf = (text) => dayOf(text) ?? yearOf(text);

function residentOf(kept, number) {
  const { text, list, on } = reader(kept, `residents.${number}.`);
  const seen = (name) => !form.querySelector(`[data-field="residents.${number}.${name}"]`)?.hidden;
  const when = (name) => seen(name) ? text(name) : null;
  const before = when('recorded_before');
  return {
    name: text('name'), birth_date: bornOf(text('birth_date') ?? ''), sex: text('sex'), nik: text('nik') && digits(text('nik')), phone: text('phone'), address: text('address'),
    marital_status: when('marital_status'), service: text('service'), photo_reason: when('photo_reason'), recorded_before: before && before === 'yes',
    reason: text('reason'), vulnerable: text('vulnerable'), needs: list('needs'), documents: list('documents'), family_card: on('family_card'),
  };
}

// The body of POST /requests.
export function bodyOf(kept, at) {
  const { text, list, on } = reader(kept), isDrive = text('kind') === 'drive';
  return {
    at, kelurahan: text('kelurahan'), kind: text('kind'), letter: { number: text('letter.number'), date: dayOf(text('letter.date') ?? '') },
    address: text('address'), consent: text('consent'), documents_complete: false,
    contact: text('contact.name') ? { name: text('contact.name'), phone: text('contact.phone') } : null,
    drive: isDrive ? {
      place: text('drive.place'), name: text('drive.name'), headcount: Number(text('drive.headcount')),
      preferred_days: list('drive.preferred_days').map(Number), on_holidays: on('drive.on_holidays'),
      usual_service: text('drive.usual_service'), usual_reason: text('drive.usual_reason'),
    } : null,
    residents: Array.from({ length: kept.residents }, (_, number) => residentOf(kept, number)),
  };
}
