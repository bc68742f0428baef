import { adminConfigSchema } from '../../gateway/admin/adminConfig.js';
import type { Purge } from '../../gateway/admin/purgeTarget.js';
import { type RunningAdmin, startAdmin } from '../../gateway/admin/startAdmin.js';
import { createGatewayMetrics } from '../../gateway/metrics/gatewayMetrics.js';
import { type HttpServer, listen, type RequestHandler } from '../../platform/http/httpServer.js';
import { silentLogger } from '../../platform/logger.js';
import { CommandError, EXIT_CODES } from '../commandError.js';
import { UsageError } from '../usageError.js';
import { type CachePurgeOptions, runCachePurge } from './cachePurge.js';

const TOKEN = 'an-admin-token-of-a-test';

describe('headgate cache purge', () => {
  let admin: RunningAdmin;
  let purged: Purge[];
  let served: readonly string[];
  beforeEach(async () => {
    purged = [];
    served = ['products'];
    admin = await startAdmin({
      config: adminConfigSchema.parse({ port: 0, token: TOKEN }),
      metrics: createGatewayMetrics(),
      target: {
        subgraphs: () => served,
        count: async () => ({ memory: 1, redis: null }),
        async purge(purge) {
          purged.push(purge);
          return { memory: 3, redis: 12 };
        },
      },
      readiness: () => ({ ready: true, supergraph: 'abc', subgraphs: {} }),
      logger: silentLogger(),
    });
  });
  const servers: HttpServer[] = [];
  afterEach(async () => {
    await Promise.all([admin, ...servers.splice(0)].map((server) => server.close()));
  });
  async function startServer(handler: RequestHandler) {
    const server = await listen({ port: 0, drainTimeoutMs: 1, handler, logger: silentLogger() });
    servers.push(server);
    return server;
  }

  async function run(options: Partial<CachePurgeOptions>, env: Record<string, string> = {}) {
    const output: string[] = [];
    await runCachePurge(
      { url: admin.url, ...options },
      { write: (text) => output.push(text), env, timeoutMs: 5_000 },
    );
    return output.join('');
  }
  async function failure(options: Partial<CachePurgeOptions>, env: Record<string, string> = {}) {
    const error = await run(options, env).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof CommandError || error instanceof UsageError) return error;
    throw new Error(`expected a failure for the person who gave the command, got ${String(error)}`);
  }

  it('purges, and prints how many records went', async () => {
    const output = await run({ tag: ['Product:id=p1'], type: ['Product'], token: TOKEN });
    expect(purged).toEqual([{ tags: ['Product:id=p1', 'type:Product'], sources: ['products'] }]);
    expect(output).toBe('purged; the other gateways are told. Records dropped:\n  memory  3\n  redis   12\n');
  });

  it('takes the token from HEADGATE_ADMIN_TOKEN', async () => {
    await run({ subgraph: ['products'] }, { HEADGATE_ADMIN_TOKEN: `${TOKEN}\n` });
    expect(purged).toHaveLength(1);
  });

  it('purges nothing in a dry run, and says what could not be counted', async () => {
    const output = await run({ type: ['Product'], dryRun: true, token: TOKEN });
    expect(purged).toEqual([]);
    expect(output).toBe('a purge would drop these records:\n  memory  1\n  redis   not counted\n');
  });

  it('prints the answer for programs', async () => {
    const output = await run({ type: ['Product'], token: TOKEN, json: true });
    expect(JSON.parse(output)).toEqual({ dryRun: false, purged: { memory: 3, redis: 12 } });
  });

  it('says so when what answers is something else', async () => {
    expect(await failure({ type: ['Product'], token: TOKEN, url: `${admin.url}/prefix/` })).toMatchObject({
      message: `${admin.url}/prefix/purge: what answers there is no admin listener`,
      exitCode: EXIT_CODES.unreachable,
    });
  });

  it.each<[string, Partial<CachePurgeOptions>, RegExp]>([
    ['nothing named', {}, /give --tag, --type or --subgraph/],
    ['no URL', { type: ['A'], url: '127.0.0.1:9464' }, /--url 127\.0\.0\.1:9464: expected http:/],
    ['a token that no header can carry', { type: ['A'], token: 'tökèn' }, /printable ASCII/],
  ])('refuses %s without asking anybody', async (_what, options, message) => {
    const error = await failure(options);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });

  it.each<[string, Partial<CachePurgeOptions>, number, RegExp]>([
    ['without a token', { type: ['Product'] }, EXIT_CODES.unauthorised, /a token is needed/],
    [
      'with a wrong token',
      { type: ['Product'], token: 'wrong' },
      EXIT_CODES.unauthorised,
      /not the admin token/,
    ],
    [
      'for an unknown subgraph',
      { subgraph: ['prodcuts'], token: TOKEN },
      EXIT_CODES.badInput,
      /subgraphs\[0\]: there is no subgraph "prodcuts"/,
    ],
    [
      'for what is no tag',
      { tag: ['a b'], token: TOKEN },
      EXIT_CODES.badInput,
      /tags\[0\]: expected no spaces/,
    ],
  ])('passes on why it was refused %s', async (_when, options, exitCode, message) => {
    const error = await failure(options);
    expect(error).toMatchObject({ exitCode, message: expect.stringMatching(message) });
    expect(error.message).toContain(`${admin.url}/purge: `);
    expect(purged).toEqual([]);
  });

  it('says that a gateway is not ready', async () => {
    served = [];
    expect(await failure({ type: ['Product'], token: TOKEN })).toMatchObject({
      exitCode: EXIT_CODES.unreachable,
      message: expect.stringContaining('no supergraph'),
    });
  });

  it('says that nobody listens', async () => {
    const closed = await startServer(() => undefined);
    await servers.pop()?.close();
    expect(await failure({ type: ['Product'], url: closed.url })).toMatchObject({
      exitCode: EXIT_CODES.unreachable,
      message: `${closed.url}/purge cannot be reached: ECONNREFUSED`,
    });
  });

  it('gives up on who never answers', async () => {
    const silent = await startServer(() => undefined);
    const purging = runCachePurge(
      { type: ['Product'], url: silent.url },
      { write: () => undefined, env: {}, timeoutMs: 50 },
    );
    await expect(purging).rejects.toMatchObject({
      exitCode: EXIT_CODES.unreachable,
      message: `${silent.url}/purge cannot be reached: no answer within 0.05 s`,
    });
  });

  it('never sends the token on to where an answer points', async () => {
    const asked: (string | undefined)[] = [];
    const elsewhere = await startServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    const redirecting = await startServer((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const error = await failure({ type: ['Product'], token: TOKEN, url: redirecting.url });
    expect(error).toMatchObject({ exitCode: EXIT_CODES.unreachable });
    expect(asked).toEqual([]);
  });
});
