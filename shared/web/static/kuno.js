// Plain words where the page cannot work: a browser too old for it, or an address without https. Written for old
// browsers, and no module.
(function () {
  var place = document.getElementById('kuno');
  var plain = window.isSecureContext === false;
  var old = !('noModule' in document.createElement('script')) || !window.AbortSignal || !AbortSignal.timeout
    || !window.indexedDB || !window.BroadcastChannel || !Array.prototype.at || !Element.prototype.replaceChildren
    || (!plain && !(window.crypto && crypto.randomUUID && crypto.subtle && navigator.locks));
  if (!place || !(plain || old)) return;
  document.documentElement.className += ' kuno';
  var link = place.querySelector('a');
  link.href = 'https://' + location.hostname + location.pathname;
  link.textContent = 'https://' + location.hostname;
  place.querySelector(plain ? '[data-plain]' : '[data-old]').hidden = false;
  place.hidden = false;
})();
