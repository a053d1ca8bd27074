const button = document.getElementById('cetak');
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
