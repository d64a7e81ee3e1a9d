// A sign-in service of another make than the hub's own code, for tests and for trying the hub out.
// Synthetic people and passwords only. Never for real people: its memory is all it has.
//
//   node provider.mjs CONFIG.json      (or the same JSON in SIGN_IN_SERVICE)
//
// issuer       the address people's browsers and the hub use, e.g. "http://127.0.0.1:9400"
// listen       HOST:PORT to listen on; without it, the issuer's own
// control      HOST:PORT on loopback for POST /keys and POST /faults; without it there is no such door
// personClaim  the claim that holds a person's id in the hub's directory
// audience     the audience of the hub's access tokens: its HUB_ID
// algorithm    what tokens are signed with: ES256 (default) or RS256
// keys         private signing keys as JWKs; without them one is made at the start
// clients      [{id, secret?, redirect: [..], afterSignOut?: [..]}]; without a secret, a public client
// accounts     [{login, password, person?}]; a person left out has no directory id in their tokens
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';

import Provider from 'oidc-provider';

const text = process.argv[2] ? readFileSync(process.argv[2], 'utf8') : process.env.SIGN_IN_SERVICE;
if (!text) {
  console.error('usage: node provider.mjs CONFIG.json');
  process.exit(2);
}
const config = { algorithm: 'ES256', personClaim: 'directory_id', clients: [], accounts: [], ...JSON.parse(text) };
const cookieKeys = [randomBytes(32).toString('hex')];
let faults = {};
let provider;
let answer;

function newKey() {
  const made = config.algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...made.privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: config.algorithm };
}

function client(one) {
  return {
    client_id: one.id,
    ...(one.secret ? { client_secret: one.secret } : {}),
    token_endpoint_auth_method: one.secret ? 'client_secret_basic' : 'none',
    application_type: 'web',
    redirect_uris: one.redirect,
    post_logout_redirect_uris: one.afterSignOut ?? [],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: config.algorithm,
  };
}

const person = (id) => config.accounts.find((one) => one.login === id)?.person;

async function firstPartyGrant(ctx) {
  const { provider: issuer, session, client: asking, params } = ctx.oidc;
  const grant = new issuer.Grant({ clientId: asking.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  if (params.resource) grant.addResourceScope(params.resource, 'hub');
  await grant.save();
  return grant;
}

function begin(keys) {
  provider = new Provider(config.issuer, {
    jwks: { keys },
    clients: config.clients.map(client),
    claims: { openid: ['sub', config.personClaim] },
    conformIdTokenClaims: false,
    cookies: { keys: cookieKeys },
    pkce: { required: () => true },
    scopes: ['openid'],
    enabledJWA: { idTokenSigningAlgValues: [config.algorithm] },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: firstPartyGrant,
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...(person(id) ? { [config.personClaim]: person(id) } : {}) }),
    }),
    extraTokenClaims: (ctx, token) => (person(token.accountId) ? { [config.personClaim]: person(token.accountId) } : undefined),
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => {
          if (resource !== config.audience) throw new Error('no such audience');
          return { scope: 'hub', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: config.algorithm } } };
        },
      },
    },
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && ctx.body?.id_token && faults.idToken !== undefined) {
      if (faults.idToken === null) delete ctx.body.id_token;
      else ctx.body.id_token = faults.idToken;
    }
  });
  const handle = provider.callback();
  answer = (request, response) => (request.url.startsWith('/interaction/') ? signIn(request, response) : handle(request, response));
}

const page = (form) => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sign-in service</title></head>
<body><main><h1>Sign in</h1>${form}</main></body></html>`;
const form = (note) => page(`${note}<form method="post"><p><label>Login <input name="login" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<button type="submit">Sign in</button></form>`);

async function body(request, most = 65536) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > most) throw new Error('too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function write(response, status, type, content) {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
  response.end(content);
}

async function signIn(request, response) {
  try {
    const { prompt } = await provider.interactionDetails(request, response);
    if (prompt.name !== 'login') throw new Error('only signing in is asked for here');
    if (request.method !== 'POST') return write(response, 200, 'text/html', form(''));
    const sent = new URLSearchParams(await body(request));
    const found = config.accounts.find((one) => one.login === sent.get('login') && one.password === sent.get('password'));
    if (!found) return write(response, 401, 'text/html', form('<p role="alert">Login or password is wrong.</p>'));
    return await provider.interactionFinished(request, response, { login: { accountId: found.login } });
  } catch {
    return write(response, 400, 'text/html', page('<p>This sign-in has ended. Begin again.</p>'));
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// A fault of one address: {status?, body?, delay?, drip?}. `drip` sends one byte every so many milliseconds.
async function faulty(fault, response) {
  await pause(fault.delay ?? 0);
  const content = Buffer.from(fault.body ?? '');
  response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' });
  for (let at = 0; fault.drip && at < content.length && !response.destroyed; at += 1) {
    response.write(content.subarray(at, at + 1));
    await pause(fault.drip);
  }
  response.end(fault.drip ? undefined : content);
}

async function control(request, response) {
  try {
    const sent = JSON.parse(await body(request, 2 ** 22));
    if (request.url === '/keys') begin(sent.keys);
    else if (request.url === '/faults') faults = sent;
    else return write(response, 404, 'text/plain', 'no such thing');
    return write(response, 200, 'application/json', '{}');
  } catch (fault) {
    return write(response, 400, 'text/plain', String(fault));
  }
}

const where = (listen) => ({ host: listen.slice(0, listen.lastIndexOf(':')), port: Number(listen.slice(listen.lastIndexOf(':') + 1)) });
begin(config.keys ?? [newKey()]);
http
  .createServer((request, response) => {
    const fault = faults[new URL(request.url, config.issuer).pathname];
    return fault ? faulty(fault, response) : answer(request, response);
  })
  .listen(where(config.listen ?? new URL(config.issuer).host));
if (config.control) {
  if (!config.control.startsWith('127.0.0.1:')) throw new Error('the control door opens on loopback only');
  http.createServer(control).listen(where(config.control));
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
