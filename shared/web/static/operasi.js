// Each service tells of itself; the sentence on top counts what they found. Asked anew every 5 s while visible.
import { fetched } from './session.js';

const EVERY = 5000, PATIENCE = 4000;
const answer = document.getElementById('jawaban');
const age = document.getElementById('umur');
const sections = [...document.querySelectorAll('[data-from]')];
let asked = 0;

async function ask(section) {
  try {
    const said = await fetched(section.dataset.from, {}, PATIENCE);
    if (!said.ok) throw new Error(said.status);
    const html = await said.text();
    if (html !== section.told) section.innerHTML = section.told = html;
    section.dataset.findings = said.headers.get('X-Findings');
  } catch {
    const silent = document.getElementById('diam').content.cloneNode(true);
    const title = silent.querySelector('h2');
    title.id = section.dataset.service;
    title.textContent = section.querySelector('h2').textContent;
    section.replaceChildren(silent);
    section.told = null;
    section.dataset.findings = 1;
  }
  section.classList.remove('away');
}

function sum() {
  const bad = sections.filter((section) => Number(section.dataset.findings));
  const found = bad.reduce((total, section) => total + Number(section.dataset.findings), 0);
  const names = bad.map((section) => section.querySelector('h2').textContent).join(', ');
  const sentence = found ? answer.dataset.some.replace('#', found).replace('@', names) : answer.dataset.nothing;
  if (answer.textContent !== sentence) answer.textContent = sentence;
}

function tellAge() {
  const seconds = Math.round((Date.now() - asked) / 1000);
  age.textContent = `${age.dataset.updated} ${seconds < 2 ? age.dataset.now : age.dataset.ago.replace('#', seconds)}`;
}

async function look() {
  if (document.hidden) return;
  await Promise.all(sections.map(ask));
  asked = Date.now();
  sum();
  tellAge();
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY);
}

document.addEventListener('visibilitychange', look);
setInterval(() => asked && tellAge(), 1000);
keepLooking();
