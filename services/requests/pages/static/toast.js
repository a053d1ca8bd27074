// What happened, said once at the foot of the page, with a way back where there is one.
const place = document.getElementById('kabar');
const STAYS = 8000;

export function toast(words, undo) {
  const said = document.createElement('div');
  said.className = 'toast';
  said.append(Object.assign(document.createElement('p'), { textContent: words }));
  if (undo) said.append(button(place.dataset.undo, async () => { said.remove(); await undo(); }));
  said.append(button(place.dataset.close, () => said.remove(), 'soft'));
  place.append(said);
  // Whoever can take it back, or is at it, needs longer.
  const leave = () => said.matches(':hover, :focus-within') ? setTimeout(leave, STAYS) : said.remove();
  setTimeout(leave, undo ? 3 * STAYS : STAYS);
}

function button(words, press, name = '') {
  const made = Object.assign(document.createElement('button'), { type: 'button', className: name, textContent: words });
  made.addEventListener('click', press);
  return made;
}
