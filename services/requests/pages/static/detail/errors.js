// What is wrong with a form: summed up on top, each with a link to its field, and said at the field too.
const english = document.documentElement.lang === 'en';

export function clear(form) {
  form.querySelector('.errors').hidden = true;
  for (const said of form.querySelectorAll('.error')) said.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    point(field, false);
  }
}

// `problem` is a problem+json, or nothing when nobody answered.
export function show(form, problem) {
  clear(form);
  const box = form.querySelector('.errors');
  const errors = problem?.errors?.filter((error) => error.rule !== problem.detail || fieldOf(form, error)) ?? [];
  const title = !problem ? box.dataset.away
    : errors.length ? (errors.length === 1 ? box.dataset.one : box.dataset.many.replace('#', errors.length))
    : problem.detail;
  box.querySelector('h3').textContent = title;
  const lines = errors.map((error) => line(form, error));
  if (problem?.server_time) lines.push(item(box.dataset.clock.replace('#', new Date(problem.server_time).toLocaleString('id-ID', { dateStyle: 'medium', timeStyle: 'short' }))));
  if (errors.length && problem.detail && problem.status === 409) lines.unshift(item(problem.detail));
  box.querySelector('ul').replaceChildren(...lines);
  box.hidden = false;
  box.focus();
}

function line(form, error) {
  const rule = english && error.en || error.rule, words = error.source ? `${rule} (${error.source})` : rule;
  const field = fieldOf(form, error);
  if (!field) return item(words);
  const list = field.closest('[data-list]');
  const label = (form.querySelector(`label[for="${field.id}"]`) ?? list?.querySelector('legend'))?.textContent;
  const place = placeOf(field);
  if (place) {
    place.textContent = words;
    place.hidden = false;
  }
  field.setAttribute('aria-invalid', 'true');
  point(field, true);
  const link = Object.assign(document.createElement('a'), { href: `#${field.id}`, textContent: label ? `${label}: ${words}` : words });
  link.addEventListener('click', (event) => { event.preventDefault(); field.focus(); });
  const made = document.createElement('li');
  made.append(link);
  return made;
}

const item = (words) => Object.assign(document.createElement('li'), { textContent: words });

function fieldOf(form, error) {
  const name = CSS.escape(error.field);
  return form.querySelector(`[name="${name}"]:not([type=checkbox])`) ?? form.querySelector(`[data-list="${name}"] input`);
}

// Ticks of a list have one place together.
const placeOf = (field) => field.closest('[data-list]')?.querySelector('.error') ?? document.getElementById(`${field.id}-error`);

function point(field, there) {
  const mine = placeOf(field)?.id;
  const others = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id && id !== mine);
  field.setAttribute('aria-describedby', [...others, ...(there && mine ? [mine] : [])].join(' '));
}
