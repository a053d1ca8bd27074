// Sends a file, says how far it is, and waits as long as bytes move. Resolves to the answer; rejects when the line is
// dead.
const IDLE = 60000, ANSWER = 120000;

export function uploaded(address, { headers, body, told }) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    let patience;
    const wait = (time) => { clearTimeout(patience); patience = setTimeout(() => asked.abort(), time); };
    asked.upload.onprogress = ({ loaded, total }) => { wait(IDLE); told?.(Math.floor(100 * loaded / total)); };
    asked.upload.onload = () => wait(ANSWER);
    asked.onload = () => resolve(new Response(asked.responseText, { status: asked.status, headers: { 'Content-Type': asked.getResponseHeader('Content-Type') ?? '' } }));
    asked.onerror = asked.onabort = () => reject(new TypeError('the line is dead'));
    asked.onloadend = () => clearTimeout(patience);
    asked.open('POST', address);
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    wait(IDLE);
    asked.send(body);
  });
}
