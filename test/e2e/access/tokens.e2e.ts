import { IDENTITY_HEADER, verifyIdentity } from '../../../platform/identity.js';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { startTestIssuer, type TestIssuer } from '../../support/testIssuer.js';
import type { TestSubgraphContext } from '../../support/testSubgraph.js';

const SECRET = 'the secret of these gateways';

const accounts = {
  name: 'accounts',
  typeDefs: `${federationLink()}
    type Query { greeting: String motto: String }`,
  resolvers: {
    Query: {
      greeting(_: unknown, _args: unknown, { headers, setHeader }: TestSubgraphContext) {
        setHeader('cache-control', 'private, max-age=60');
        const identity = verifyIdentity(headers[IDENTITY_HEADER]?.toString(), SECRET);
        return `Hello ${identity?.subject ?? 'stranger'} ${(identity?.scopes ?? []).join()}`;
      },
      motto: () => 'public',
    },
  },
};

async function start(issuer: TestIssuer, required = false): Promise<GatewayTester> {
  return startGatewayTester({
    subgraphs: [accounts],
    config: { identity: { secret: SECRET, required, jwt: issuer.jwtConfig } },
  });
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a gateway that takes tokens', () => {
  it('tells subgraphs who asks and with which scopes, and answers each caller from the cache alone with its own', async () => {
    await using issuer = await startTestIssuer();
    await using gateway = await start(issuer);
    const ada = bearer(await issuer.token('ada', { claims: { scope: 'read' } }));
    const grace = bearer(await issuer.token('grace'));
    const ask = async (headers: Record<string, string>) => {
      const { data, headers: sent } = await gateway.query('{ greeting }', {}, headers);
      return [(data as { greeting: string }).greeting, sent.get('x-cache')];
    };
    expect(await ask(ada)).toEqual(['Hello ada read', 'miss; stored']);
    expect(await ask(ada)).toEqual(['Hello ada read', 'hit; tier=memory']);
    expect(await ask(grace)).toEqual(['Hello grace ', 'miss; stored']);
    expect(await ask({})).toEqual(['Hello stranger ', 'miss']);
    // A newer token of the same caller finds what the older one left.
    expect(await ask(bearer(await issuer.token('ada', { claims: { scope: 'read' } })))).toEqual([
      'Hello ada read',
      'hit; tier=memory',
    ]);
  });

  it('refuses a bad token with 401, also for what is in the cache for everyone', async () => {
    await using issuer = await startTestIssuer();
    await using gateway = await start(issuer);
    const good = bearer(await issuer.token('ada'));
    await gateway.query('{ greeting }', {}, good);
    const bad = bearer(await issuer.token('ada', { expiresIn: -3600 }));
    const answer = await gateway.query('{ greeting }', {}, bad);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(answer.errors).toEqual([
      { message: 'The token has expired.', extensions: { code: 'INVALID_TOKEN', reason: 'expired' } },
    ]);
    expect(answer.data).toBeUndefined();
    expect(gateway.subgraph('accounts').received).toHaveLength(1);
  });

  it('answers nobody without one where an identity is required, by POST and by GET', async () => {
    await using issuer = await startTestIssuer();
    await using gateway = await start(issuer, true);
    const post = await gateway.query('{ motto }');
    const get = await fetch(`${gateway.url}?query={motto}`, { headers: { 'apollo-require-preflight': '1' } });
    for (const { status } of [post, get]) expect(status).toBe(401);
    expect(post.errors?.[0]?.extensions?.['code']).toBe('TOKEN_REQUIRED');
    expect(gateway.subgraph('accounts').received).toHaveLength(0);
    const known = await gateway.query('{ motto }', {}, bearer(await issuer.token('ada')));
    expect(known.data).toEqual({ motto: 'public' });
  });

  it('says with 503 that the issuer is out of reach, and goes on for those without a token', async () => {
    await using issuer = await startTestIssuer();
    issuer.fail(true);
    await using gateway = await start(issuer);
    const answer = await gateway.query('{ motto }', {}, bearer(await issuer.token('ada')));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('IDENTITY_UNAVAILABLE');
    expect((await gateway.query('{ motto }')).data).toEqual({ motto: 'public' });
  });

  it('tells caches on the way that answers differ by the token', async () => {
    await using issuer = await startTestIssuer();
    await using gateway = await start(issuer);
    const ada = bearer(await issuer.token('ada'));
    await gateway.query('{ greeting }', {}, ada);
    const hit = await gateway.query('{ greeting }', {}, ada);
    expect(hit.headers.get('vary')?.split(', ')).toContain('authorization');
    expect(hit.headers.get('cache-control')).toContain('private');
  });
});
