// A photo as small as its text stays readable: at most 2000 pixels a side, about 300 kB. What is no picture, or one that
// this browser cannot open, goes as it is: the server says what is wrong with it.
const ENOUGH = 300 * 1024, STEPS = [[2000, 0.8], [2000, 0.65], [2000, 0.5], [1600, 0.6], [1600, 0.45], [1280, 0.5]];

export async function shrunk(file) {
  if (!file.type.startsWith('image/') || file.size <= ENOUGH) return file;
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (!picture) return file;
  try {
    let best = file;
    for (const [side, quality] of STEPS) {
      best = await drawn(picture, side, quality) ?? best;
      if (best.size <= ENOUGH) break;
    }
    return best.size < file.size ? best : file;
  } finally {
    picture.close();
  }
}

function drawn(picture, side, quality) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext('2d');
  // What is transparent would turn black.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
}
