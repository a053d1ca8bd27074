// On a phone the further filters of a list are folded away while none is chosen, so that the first row is in sight.
const filters = document.getElementById('saringan');
if (matchMedia('(max-width: 560px)').matches && !('chosen' in filters.dataset)) filters.open = false;
