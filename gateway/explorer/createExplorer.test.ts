import { startGatewayTester } from '../../test/support/gatewayTester.js';
import { planShop } from '../../test/support/planShop.js';

const EXPLORER = { enabled: true, trace: true };
const ADMIN_TOKEN = 'token-of-the-operators';

function purge(origin: string, headers: Record<string, string>) {
  return fetch(`${origin}/graphiql/purge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"tags":["type:Product"]}',
  });
}

describe('the explorer of a gateway', () => {
  const before = process.env['NODE_ENV'];
  afterEach(() => {
    process.env['NODE_ENV'] = before;
  });

  it('is not there unless it is asked for', async () => {
    await using tester = await startGatewayTester(planShop({}));
    const { origin } = new URL(tester.url);
    for (const path of ['', '/settings.json', '/schema.graphql', '/purge']) {
      expect((await fetch(`${origin}/graphiql${path}`)).status).toBe(404);
    }
  });

  it('purges for its own page and for programs on this machine, and for no page of others', async () => {
    await using tester = await startGatewayTester(planShop({ explorer: EXPLORER }));
    const { origin } = new URL(tester.url);
    const own = { origin, 'sec-fetch-site': 'same-origin' };
    expect((await purge(origin, own)).status).toBe(200);
    expect((await purge(origin, {})).status).toBe(200);
    for (const headers of [
      { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
      { origin, 'sec-fetch-site': 'same-site' },
      { ...own, 'x-forwarded-for': '203.0.113.7' },
    ]) {
      expect((await purge(origin, headers)).status).toBe(403);
    }
  });

  it('purges only with the token of the operators, where there is one', async () => {
    const config = { explorer: EXPLORER, admin: { port: 0, token: ADMIN_TOKEN } };
    await using tester = await startGatewayTester(planShop(config));
    const { origin } = new URL(tester.url);
    const own = { origin, 'sec-fetch-site': 'same-origin' };
    expect((await purge(origin, own)).status).toBe(401);
    expect((await purge(origin, { ...own, authorization: 'Bearer another-token-of-them' })).status).toBe(401);
    expect((await purge(origin, { ...own, authorization: `Bearer ${ADMIN_TOKEN}` })).status).toBe(200);
  });

  it('shows no plan and purges nothing in production without tokens', async () => {
    process.env['NODE_ENV'] = 'production';
    await using tester = await startGatewayTester(planShop({ explorer: EXPLORER }));
    const { origin } = new URL(tester.url);
    const settings = await (await fetch(`${origin}/graphiql/settings.json`)).json();
    expect(settings).toEqual({ introspection: true, trace: 'off', purge: 'off' });
    expect((await purge(origin, { origin, 'sec-fetch-site': 'same-origin' })).status).toBe(403);
    const answer = await tester.query('{ products { id } }', undefined, { 'headgate-trace': '1' });
    expect(answer.extensions).toBeUndefined();
  });
});
