import { gatewayConfigSchema } from '../../../gateway/config.js';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { startGatewayTester } from '../../support/gatewayTester.js';
import { rawRequest } from '../../support/rawRequest.js';

const PAGE = 'https://shop.test';
const start = (cors: { origins: string[]; credentials?: boolean }) =>
  startGatewayTester({ subgraphs: [echoSubgraph], config: { cors } });
const preflight = (origin: string) => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,authorization',
  },
});
const post = (origin?: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(origin !== undefined && { origin }) },
  body: '{"query":"{ hello }"}',
});

describe('a page of another origin', () => {
  it('may ask and read where its origin is listed, also what comes from the cache', async () => {
    await using gateway = await start({ origins: [PAGE], credentials: true });
    const asked = await rawRequest(gateway.url, preflight(PAGE));
    expect([asked.status, asked.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': PAGE,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'content-type,authorization',
        'access-control-max-age': '600',
      },
    ]);
    for (const _again of [1, 2]) {
      const { status, headers } = await rawRequest(gateway.url, post(PAGE));
      expect([status, headers['access-control-allow-origin']]).toEqual([200, PAGE]);
      expect(headers.vary).toContain('origin');
      expect(headers['access-control-expose-headers']).toContain('headgate-consistency');
    }
  });

  it('is told that it may not where its origin is not listed', async () => {
    await using gateway = await start({ origins: [PAGE] });
    for (const origin of ['https://evil.test', `${PAGE}.evil.test`, 'http://shop.test', 'null']) {
      const { status, headers } = await rawRequest(gateway.url, preflight(origin));
      expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
      const answer = await rawRequest(gateway.url, post(origin));
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.headers.vary).toContain('origin');
    }
  });

  it('gets nothing of CORS where nothing is configured', async () => {
    await using gateway = await start({ origins: [] });
    const { headers } = await rawRequest(gateway.url, post(PAGE));
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const asked = await rawRequest(gateway.url, preflight(PAGE));
    expect(asked.status).toBeGreaterThanOrEqual(400);
  });

  it('cannot be allowed from everywhere with credentials, by mistake', () => {
    const parse = (cors: object) => gatewayConfigSchema.safeParse({ cors }).success;
    expect(parse({ origins: ['*'], credentials: true })).toBe(false);
    expect(parse({ origins: ['https://a.test/path'] })).toBe(false);
    expect(parse({ origins: ['*'] })).toBe(true);
  });
});
