import { request as httpRequest } from 'node:http';
import { silentLogger } from '../../platform/logger.js';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { createGatewayMetrics } from '../metrics/gatewayMetrics.js';
import { adminConfigSchema } from './adminConfig.js';
import { MAX_PURGE_BODY_BYTES } from './purgeHandler.js';
import type { Purge, PurgeTarget, TierCounts } from './purgeTarget.js';
import { type RunningAdmin, startAdmin } from './startAdmin.js';

const TOKEN = 'an-admin-token-of-a-test';

class RecordingTarget implements PurgeTarget {
  readonly counted: (readonly string[])[] = [];
  readonly purged: Purge[] = [];
  served: readonly string[] = ['products', 'inventory'];
  counts: TierCounts = { memory: 3, redis: 12 };

  subgraphs = () => this.served;
  async count(tags: readonly string[]) {
    this.counted.push(tags);
    return this.counts;
  }
  async purge(purge: Purge) {
    this.purged.push(purge);
    return this.counts;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: {
    readonly errors?: readonly { message: string; extensions: { code: string; argument?: string } }[];
  };
}

describe('the admin listener', () => {
  let admin: RunningAdmin;
  let target: RecordingTarget;
  let ready = true;

  async function start(options: { token?: string; host?: string; production?: boolean } = { token: TOKEN }) {
    const { production = false, ...config } = options;
    target = new RecordingTarget();
    admin = await startAdmin({
      config: adminConfigSchema.parse({ ...config, port: 0 }),
      metrics: createGatewayMetrics(),
      target,
      readiness: () => ({ ready, supergraph: ready ? 'abc' : null, subgraphs: {} }),
      production,
      logger: silentLogger(),
    });
  }
  afterEach(async () => {
    ready = true;
    await admin.close();
  });

  /** Not by `fetch`, which allows no `Host` of one's own. */
  function send(path: string, method = 'GET', headers: Record<string, string> = {}, body?: string) {
    const url = new URL(admin.url);
    return new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: url.port, path, method, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = response.headers['content-type']?.includes('json') && text !== '';
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: isJson ? JSON.parse(text) : {},
            });
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
  const purge = (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    send('/purge', 'POST', { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
  const firstError = ({ json }: Answer) => json.errors?.[0];
  const nothingHappened = () => expect([target.purged, target.counted]).toEqual([[], []]);

  describe('serves', () => {
    it('metrics that a scraper can read, of the gateway and of the process', async () => {
      await start();
      const { status, headers, text } = await send('/metrics');
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      const families = parsePrometheus(text);
      expect(families.get('headgate_cache_responses_total')?.type).toBe('counter');
      expect(families.get('nodejs_eventloop_lag_p99_seconds')?.type).toBe('gauge');
    });

    it('health, ready or not', async () => {
      await start();
      expect((await send('/health/live')).status).toBe(200);
      expect((await send('/health/ready')).status).toBe(200);
      ready = false;
      expect((await send('/health/ready')).status).toBe(503);
      expect((await send('/health/live')).status).toBe(200);
    });

    it('nothing else, and by no other method', async () => {
      await start();
      expect((await send('/graphql')).status).toBe(404);
      const answer = await send('/purge', 'GET', { authorization: `Bearer ${TOKEN}` });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
      expect((await send('/metrics', 'DELETE')).status).toBe(405);
    });
  });

  describe('with a token', () => {
    it('purges tags, types and subgraphs for who sends it, and tells how many records went', async () => {
      await start();
      const answer = await purge({ tags: ['Product:id=p1'], types: ['Product'], subgraphs: ['inventory'] });
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ dryRun: false, purged: { memory: 3, redis: 12 } });
      expect(target.purged).toEqual([
        {
          tags: ['Product:id=p1', 'type:Product', 'subgraph:inventory'],
          sources: ['products', 'inventory'],
        },
      ]);
    });

    it('concerns only the subgraphs that are purged whole', async () => {
      await start();
      await purge({ subgraphs: ['inventory'] });
      expect(target.purged).toEqual([{ tags: ['subgraph:inventory'], sources: ['inventory'] }]);
    });

    it('only counts in a dry run', async () => {
      await start();
      const answer = await purge({ types: ['Product'], dryRun: true });
      expect(answer.json).toEqual({ dryRun: true, purged: { memory: 3, redis: 12 } });
      expect(target.counted).toEqual([['type:Product']]);
      expect(target.purged).toEqual([]);
    });

    it('says so where a tier could not be counted', async () => {
      await start();
      target.counts = { memory: 3, redis: null };
      expect((await purge({ types: ['Product'] })).json).toEqual({
        dryRun: false,
        purged: { memory: 3, redis: null },
      });
    });

    it.each([
      ['none', {}],
      ['a wrong one', { authorization: 'Bearer not-the-token-of-this-test' }],
      ['a part of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
      ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ])('refuses who sends %s', async (_what, headers) => {
      await start();
      const answer = await purge({ types: ['Product'] }, headers);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect(firstError(answer)?.extensions.code).toBe('UNAUTHENTICATED');
      expect(answer.text).not.toContain(TOKEN);
      nothingHappened();
    });

    it('takes it without a scheme, as programs written for Apollo Router send it', async () => {
      await start();
      expect((await purge({ types: ['Product'] }, { authorization: TOKEN })).status).toBe(200);
    });

    it('needs it in production too, and is content with it', async () => {
      await start({ token: TOKEN, production: true });
      expect((await purge({ types: ['Product'] }, {})).status).toBe(401);
      expect((await purge({ types: ['Product'] })).status).toBe(200);
    });
  });

  describe('without a token', () => {
    it('purges for a program on this machine', async () => {
      await start({});
      expect((await purge({ types: ['Product'] }, {})).status).toBe(200);
      expect(target.purged).toHaveLength(1);
    });

    it.each([
      ['in production', { production: true }],
      ['on a listener that others can reach', { host: '0.0.0.0' }],
    ])('refuses everybody %s, and says what to set', async (_when, options) => {
      await start(options);
      const answer = await purge({ types: ['Product'] }, {});
      expect(answer.status).toBe(403);
      expect(firstError(answer)?.extensions.code).toBe('FORBIDDEN');
      expect(firstError(answer)?.message).toMatch(/HEADGATE_ADMIN_TOKEN/);
      nothingHappened();
    });

    it.each([
      ['a page in a browser', { origin: 'http://127.0.0.1:3000' }],
      ['a page by way of a name that resolves to this machine', { host: 'rebound.example:9464' }],
      ['somebody behind a proxy', { 'x-forwarded-for': '203.0.113.7' }],
    ])('refuses %s', async (_who, headers) => {
      await start({});
      expect((await purge({ types: ['Product'] }, headers)).status).toBe(403);
      nothingHappened();
    });

    it('serves metrics and health all the same', async () => {
      await start({ production: true });
      expect((await send('/metrics')).status).toBe(200);
    });
  });

  describe('refuses', () => {
    beforeEach(() => start());

    it('what it does not understand, with a code and what was wrong', async () => {
      const answer = await purge({ subgraphs: ['products', 'prodcuts'] });
      expect(answer.status).toBe(400);
      expect(firstError(answer)).toEqual({
        message: 'subgraphs[1]: there is no subgraph "prodcuts"; there are products, inventory',
        extensions: { code: 'BAD_REQUEST', argument: 'subgraphs[1]' },
      });
      nothingHappened();
    });

    it('a key nested so deep that it could exhaust the stack', async () => {
      const depth = 20_000;
      const key = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
      const body = `[{"kind":"entity","subgraph":"products","type":"Product","key":${key}}]`;
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
      const answer = await send('/purge', 'POST', headers, body);
      expect(answer.status).toBe(400);
      nothingHappened();
    });

    it('a body that is not JSON, or says that it is not', async () => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const json = { ...headers, 'content-type': 'application/json' };
      expect((await send('/purge', 'POST', json, '{"tags":')).status).toBe(400);
      const text = { ...headers, 'content-type': 'text/plain' };
      expect((await send('/purge', 'POST', text, '{"types":["Product"]}')).status).toBe(415);
      nothingHappened();
    });

    it('a body that is too large, before it is read', async () => {
      const body = JSON.stringify({ tags: ['a'.repeat(MAX_PURGE_BODY_BYTES)] });
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
      const answer = await send('/purge', 'POST', headers, body);
      expect([answer.status, firstError(answer)?.extensions.code]).toEqual([413, 'REQUEST_TOO_LARGE']);
      nothingHappened();
    });

    it('a query string, since who writes ?dryRun=true does not want a purge', async () => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
      expect((await send('/purge?dryRun=true', 'POST', headers, '{"types":["A"]}')).status).toBe(400);
      nothingHappened();
    });

    it('everything while there is no supergraph to purge for', async () => {
      target.served = [];
      const answer = await purge({ types: ['Product'] });
      expect([answer.status, firstError(answer)?.extensions.code]).toEqual([503, 'NOT_READY']);
      nothingHappened();
    });
  });

  it("takes Apollo Router's body, and answers as it does, with 202 and a count", async () => {
    await start();
    const answer = await purge([
      { kind: 'type', subgraph: 'products', type: 'Product' },
      { kind: 'subgraph', subgraph: 'inventory' },
    ]);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({ count: 15, dryRun: false, purged: { memory: 3, redis: 12 } });
  });
});
