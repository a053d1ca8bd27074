// The QR code on a slip leads to /lacak#CODE: what stands after # is never sent, and leaves the address bar here.
const code = document.getElementById('kode');
const said = decodeURIComponent(location.hash.slice(1));
if (code && /^[0-9A-Za-z-]{11,13}$/.test(said)) {
  code.value = said.replace(/-/g, '').replace(/^(.{4})(.{4})/, '$1-$2-');
  history.replaceState(null, '', location.pathname);
  document.getElementById('angka').focus();
}

// A field that is wrong is where to go on.
document.querySelector('[aria-invalid]')?.focus();
