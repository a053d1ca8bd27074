// What a page can also do, and its search, are folded away on a phone, so that its first row is in sight.
const phone = matchMedia('(max-width: 560px)');
const fold = () => { for (const each of document.querySelectorAll('details.folds')) each.open = !phone.matches; };
phone.addEventListener('change', fold);
fold();
