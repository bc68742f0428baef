import { WebSocket } from 'ws';
import type { GatewayConfigInput } from '../../../gateway/config.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { describeReal } from '../../support/realParts.js';
import { startRedis } from '../../support/redis.js';
import { startTestIssuer } from '../../support/testIssuer.js';
import type { TestSubgraphDefinition } from '../../support/testSubgraph.js';
import { until } from '../../support/until.js';

const shelf: TestSubgraphDefinition = {
  name: 'shelf',
  typeDefs: `
    type Query { book: String }
    type Subscription { ticks: Int }`,
  resolvers: {
    Query: { book: () => 'Emma' },
    Subscription: {
      ticks: {
        async *subscribe() {
          yield { ticks: 1 };
        },
      },
    },
  },
  async intercept(_request, response, next) {
    response.setHeader('cache-control', 'max-age=60');
    await next();
  },
};

const start = (config: GatewayConfigInput) => startGatewayTester({ subgraphs: [shelf], config });
const from = (address: string) => ({ 'x-forwarded-for': address });
/** Long enough for a quota to be the same at the end of a test. */
const perSeconds = 3_600;

const book = '{ book }';
const limited = {
  status: 429,
  errors: [{ message: expect.stringMatching(/^Too many requests: try again in \d+ s\.$/) }],
};

describe('rate limits', () => {
  let gateway: GatewayTester;
  beforeAll(async () => {
    gateway = await start({
      trustedProxies: ['127.0.0.1'],
      identity: { trustedHeader: 'x-user' },
      rateLimits: {
        rules: [
          { by: 'address', limit: 3, perSeconds },
          { by: 'identity', limit: 2, perSeconds },
          { by: 'client', limit: 1, perSeconds },
        ],
      },
    });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('count hits of the cache like anything else, and tell each time where a client stands', async () => {
    const answers = [];
    for (let index = 0; index < 3; index++) answers.push(await gateway.query(book, {}, from('198.51.100.1')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers[2]?.headers.get('x-cache')).toContain('hit');
    expect(answers.map(({ headers }) => headers.get('ratelimit'))).toEqual(
      [2, 1, 0].map((left) => expect.stringMatching(new RegExp(`^"address";r=${left};t=\\d+$`))),
    );
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"address";q=3;w=3600');

    const refused = await gateway.query(book, {}, from('198.51.100.1'));
    expect(refused).toMatchObject(limited);
    expect(refused.errors?.[0]?.extensions).toEqual({
      code: 'RATE_LIMITED',
      policy: 'address',
      retryAfterSeconds: Number(refused.headers.get('retry-after')),
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_000);
    expect((await gateway.query(book, {}, from('198.51.100.2'))).status).toBe(200);
  });

  it('are not escaped by an address that a client makes up', async () => {
    const ask = (invented: string) => gateway.query(book, {}, from(`${invented}, 198.51.100.3`));
    for (const invented of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) expect((await ask(invented)).status).toBe(200);
    expect(await ask('4.4.4.4')).toMatchObject(limited);
  });

  it('follow an identity from address to address, and count no other', async () => {
    const ask = (user: string, address: string) =>
      gateway.query(book, {}, { ...from(address), 'x-user': user });
    const first = await ask('ada', '198.51.100.4');
    expect(first.headers.get('ratelimit-policy')).toBe('"address";q=3;w=3600, "identity";q=2;w=3600');
    expect((await ask('ada', '198.51.100.5')).status).toBe(200);
    expect(await ask('ada', '198.51.100.6')).toMatchObject(limited);
    expect((await ask('grace', '198.51.100.6')).status).toBe(200);
  });

  it('hold for a client by its name', async () => {
    const ask = (address: string) =>
      gateway.query(book, {}, { ...from(address), 'graphql-client-name': 'checkout' });
    expect((await ask('198.51.100.7')).status).toBe(200);
    expect((await ask('198.51.100.8')).errors?.[0]?.extensions?.['policy']).toBe('client');
  });

  it.each([
    ['events', 'text/event-stream'],
    ['multipart', 'multipart/mixed;subscriptionSpec="1.0", application/json'],
  ])('hold for streams: %s', async (_what, accept) => {
    const ask = (user: string) =>
      fetch(gateway.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept,
          'x-user': user,
          ...from(`2001:db8:${accept.length}::1`),
        },
        body: JSON.stringify({ query: 'subscription { ticks }' }),
      });
    const user = `streams ${accept}`;
    for (let index = 0; index < 2; index++) {
      const taken = await ask(user);
      expect([taken.status, taken.headers.get('ratelimit')]).toEqual([
        200,
        expect.stringContaining('identity'),
      ]);
      await taken.text();
    }
    const refused = await ask(user);
    expect([refused.status, await refused.json()]).toMatchObject([
      429,
      { errors: [{ extensions: { policy: 'identity' } }] },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1_000);
    expect((await ask('somebody else')).status).toBe(429);
  });

  it('hold for a WebSocket, and for each operation on it', async () => {
    const client = graphqlSocketClient(gateway.url);
    const run = (query: string) =>
      new Promise<unknown>((resolve) => {
        client.subscribe(
          { query },
          {
            next: () => undefined,
            complete: () => resolve('complete'),
            error: (errors) => resolve((errors as { extensions?: unknown }[])[0]?.extensions),
          },
        );
      });
    // This client opens a connection for each operation, while no other is under way: two of them are four requests.
    expect(await run(book)).toBe('complete');
    expect(await run('subscription { ticks }')).toMatchObject({ code: 'RATE_LIMITED', policy: 'address' });
    const refused = await openSocket(gateway.url);
    expect(refused.status).toBe(429);
    expect(Number(refused.retryAfter)).toBeGreaterThan(1_000);
    await client.dispose();
  });
});

/** How opening a WebSocket is answered; 101 when it is open. */
function openSocket(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { headers });
  return new Promise<{ status: number | undefined; retryAfter?: string | undefined }>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      socket.close();
      resolve({ status: 101 });
    });
    socket.on('unexpected-response', (_request, { statusCode, headers: answered }) => {
      resolve({ status: statusCode, retryAfter: answered['retry-after'] });
    });
  });
}

describe('a rate limit of addresses', () => {
  it('holds before a token is looked at, so that nobody can try many', async () => {
    await using issuer = await startTestIssuer();
    await using gateway = await start({
      identity: { jwt: issuer.jwtConfig },
      rateLimits: { rules: [{ by: 'address', limit: 2, perSeconds }] },
    });
    const statuses = [];
    for (let index = 0; index < 3; index++) {
      statuses.push((await gateway.query(book, {}, { authorization: `Bearer made-up-${index}` })).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('holds for tokens that are tried over WebSockets as well', async () => {
    await using gateway = await start({ rateLimits: { rules: [{ by: 'address', limit: 2, perSeconds }] } });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await openSocket(gateway.url)).status);
    expect(statuses).toEqual([101, 101, 429]);
  });

  it('refuses nothing in the mode warn, and shows nothing', async () => {
    await using gateway = await start({
      rateLimits: { mode: 'warn', rules: [{ by: 'address', limit: 1, perSeconds }] },
    });
    await gateway.query(book);
    const { status, headers } = await gateway.query(book);
    expect([status, headers.get('ratelimit')]).toEqual([200, null]);
    expect((await openSocket(gateway.url)).status).toBe(101);
  });
});

describeReal('redis', 'rate limits of several gateways', () => {
  const rules = [{ by: 'address' as const, limit: 6, perSeconds }];

  it('are one in Redis, and of each process while it is away', async () => {
    await using redis = await startRedis();
    const config: GatewayConfigInput = {
      trustedProxies: ['127.0.0.1'],
      cache: { redisUrl: redis.url },
      rateLimits: { rules, redisDeadlineMs: 10_000 },
    };
    await using one = await start(config);
    await using other = await start(config);
    let tries = 0;
    const countTogether = async () => {
      tries += 1;
      const address = `2001:db8:0:${tries}::1`;
      await one.query(book, {}, from(address));
      const { headers } = await other.query(book, {}, from(address));
      return headers.get('ratelimit')?.includes('r=4') ?? false;
    };
    await until('both are connected', countTogether);
    const sockets = [];
    for (let index = 0; index < 7; index++) {
      sockets.push(await openSocket((index % 2 ? one : other).url, from('203.0.113.1')));
    }
    expect(sockets.map(({ status }) => status)).toEqual([...Array(6).fill(101), 429]);

    const ask = (index: number, address: string) => (index % 2 ? one : other).query(book, {}, from(address));
    const statusesOf = async (address: string) => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index, address)));
      return answers.filter(({ status }) => status === 200).length;
    };
    expect(await statusesOf('198.51.100.1')).toBe(6);

    await redis[Symbol.asyncDispose]();
    expect(await statusesOf('198.51.100.2')).toBe(12);
  });
});
