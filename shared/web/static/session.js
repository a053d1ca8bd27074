// A session's cookie lasts minutes and is made anew as long as the person may be in.
async function goneOn() {
  const said = await fetch('/masuk/segarkan', { method: 'POST' });
  if (said.status === 401) location.reload();  // it is over: the server asks to log in again
  return said.ok;
}

// fetch, once more after a cookie that ran out.
export async function fetched(address, options = {}, patience = 20000) {
  const ask = () => fetch(address, { ...options, signal: AbortSignal.timeout(patience) });
  const said = await ask();
  return said.status === 401 && await goneOn() ? ask() : said;
}
