// The words that a page gives its script: `t('rinci.imported', { n: 3 })`.
const book = JSON.parse(document.getElementById('kata').textContent);

export function t(name, values = {}) {
  const [chapter, key] = name.split('.');
  return book[chapter][key].replace(/\{(\w+)\}/g, (_, each) => values[each]);
}
export const has = (name) => { const [chapter, key] = name.split('.'); return key in (book[chapter] ?? {}); };
export const number = (n) => n.toLocaleString(document.documentElement.lang === 'en' ? 'en' : 'id');

// An element with what stands in it.
export function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) key in made ? made[key] = value : made.setAttribute(key, value);
  made.append(...content);
  return made;
}
