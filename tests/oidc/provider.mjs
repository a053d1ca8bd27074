// The certified provider oidc-provider with a few made-up accounts, for the tests of the login.
//   node provider.mjs PORT REDIRECT_URI LOGGED_OUT_URI
// POST /test/accounts {"sub": {claims}} sets the accounts; a sub that is not among them is deactivated.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [port, redirect, loggedOut] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
let accounts = {};

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'jemput-bola',
    client_secret: 'rahasia: dengan tanda/baca+',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [redirect],
    post_logout_redirect_uris: [loggedOut],
  }],
  claims: { openid: ['sub'], profile: ['name', 'realm_access', 'wilayah'] },
  findAccount: (ctx, sub) => sub in accounts
    ? { accountId: sub, claims: async () => ({ sub, ...accounts[sub] }) }
    : undefined,
  features: { revocation: { enabled: true } },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  cookies: { keys: ['hanya untuk uji'] },
  ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
});

createServer((request, response) => {
  if (request.url !== '/test/accounts') return provider.callback()(request, response);
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => { accounts = JSON.parse(body); response.end('{}'); });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
