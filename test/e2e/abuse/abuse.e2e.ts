import { request } from 'node:http';
import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { startTestIssuer, type TestIssuer } from '../../support/testIssuer.js';
import { HOSTILE_REQUESTS, type HostileRequest, hostileTokens } from './hostileRequests.js';

const shop = {
  name: 'shop',
  typeDefs: `${federationLink('@key', '@listSize')}
    type Query {
      version: Int
      item(id: ID!): Item
      items(first: Int): [Item] @listSize(slicingArguments: ["first"])
      many(ids: [ID!]!): Int
      any(value: Anything): Int
    }
    scalar Anything
    type Mutation { add: Int }
    type Subscription { ticks: Int }
    type Item @key(fields: "id") { id: ID! related: [Item] }`,
  resolvers: { Query: { version: () => 1, item: () => ({ id: '1' }) }, Mutation: { add: () => 1 } },
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(url: string, { method, path = '', headers = {}, body }: HostileRequest): Promise<Answer> {
  const target = path.startsWith('/') ? new URL(url).origin : url;
  const { hostname, port, pathname } = new URL(target);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        // As it is: `URL` would put it in order.
        path: path.startsWith('/') ? path : `${pathname}${path}`,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Of any of them; generous, since the machine may be busy with other suites. */
const ANSWERED_WITHIN_MS = 10_000;

describe('hostile requests', () => {
  let issuer: TestIssuer;
  let gateway: GatewayTester;
  beforeAll(async () => {
    issuer = await startTestIssuer();
    gateway = await startGatewayTester({
      subgraphs: [shop],
      // Production defaults, but for a body that is large enough for the test to reach.
      config: { introspection: false, maxBodyBytes: 65_536, identity: { jwt: issuer.jwtConfig } },
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  it('are many, and of many kinds', () => {
    expect(HOSTILE_REQUESTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(HOSTILE_REQUESTS.map((one) => one.class)).size).toBeGreaterThanOrEqual(11);
  });

  it('each get their refusal in time, and tell nothing, while ordinary ones are answered', async () => {
    const requests = [...HOSTILE_REQUESTS, ...(await hostileTokens(issuer))];
    expect(new Set(requests.map((one) => one.class)).size).toBeGreaterThanOrEqual(12);
    let isOver = false;
    let ordinary = 0;
    const traffic = (async () => {
      while (!isOver) {
        const { data } = await gateway.query(`{ version item(id: "${ordinary}") { id } }`);
        expect(data).toEqual({ version: 1, item: { id: '1' } });
        ordinary += 1;
      }
    })();
    const wrong: unknown[] = [];
    for (const hostile of requests) {
      const startedAt = performance.now();
      const { status, body } = await send(gateway.url, hostile);
      const tookMs = performance.now() - startedAt;
      const code = body.startsWith('{')
        ? ((JSON.parse(body) as { errors?: { extensions?: { code?: string } }[] }).errors?.[0]?.extensions
            ?.code ?? '')
        : '';
      const isRight = status === hostile.status && (hostile.code ?? code) === code;
      const isQuiet = !/stack|node_modules|Did you mean|at \w+ \(/.test(body);
      if (!isRight || !isQuiet || tookMs > ANSWERED_WITHIN_MS) {
        wrong.push({
          ...{ class: hostile.class, name: hostile.name },
          expected: [hostile.status, hostile.code],
          status,
          code,
          tookMs,
          body: body.slice(0, 200),
        });
      }
    }
    isOver = true;
    await traffic;
    expect(wrong).toEqual([]);
    expect(ordinary).toBeGreaterThan(10);
    // None of them has reached the subgraph: it was asked by ordinary requests alone.
    const asked = gateway.subgraph('shop').received.map(({ query }) => query);
    expect(asked.filter((query) => !query.includes('version'))).toEqual([]);
  });
});
