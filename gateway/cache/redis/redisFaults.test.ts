import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { CircuitBreaker } from '../../../platform/circuitBreaker.js';
import { bodiesOf, fill, recordFor, tokenFor } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import type { CacheRecord, FillToken } from '../cacheTier.js';
import { openRedis, type Redis } from './openRedis.js';
import { createRedisTier, type RedisTier } from './redisTier.js';

/** Far above the deadlines, also on a slow machine, and far below what a connection would take to give up by itself. */
const SOON_MS = 20_000;

const deadlines = { readDeadlineMs: 100, writeDeadlineMs: 100, invalidateDeadlineMs: 100 };

/** For a Redis that answers: a busy machine must not look like a slow one. */
const openPatientTier = (url: string) =>
  openTier(url, 500, new CircuitBreaker({ openMs: 20, maxOpenMs: 50 }), {
    readDeadlineMs: 10_000,
    writeDeadlineMs: 10_000,
    invalidateDeadlineMs: 10_000,
  });

const record: CacheRecord = recordFor(['x'], { freshUntil: Date.now() + 600_000 });

const open = new Set<{ close(): unknown }>();

function openTier(
  url: string,
  connectTimeoutMs = 500,
  breaker = new CircuitBreaker({ openMs: 20, maxOpenMs: 50 }),
  tierDeadlines = deadlines,
): { tier: RedisTier; redis: Redis } {
  const redis = openRedis({ urls: [url], connectTimeoutMs });
  const tier = createRedisTier({ redis, breaker, ...tierDeadlines });
  open.add(tier);
  return { redis, tier };
}

async function elapsedMs(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Each answers in time, as a tier that is out of reach does. */
async function expectOutOfReach(tier: RedisTier): Promise<void> {
  const elapsed = await elapsedMs(async () => {
    expect(await tier.read(['a', 'b'])).toEqual([{ token: undefined }, { token: undefined }]);
    expect(await tier.begin(['a'])).toEqual([undefined]);
    await expect(tier.invalidate(['x'])).rejects.toThrow();
    await expect(tier.purgeEverything()).rejects.toThrow();
  });
  expect(elapsed).toBeLessThan(SOON_MS);
}

function untilStored(tier: RedisTier, key: string): Promise<void> {
  return until('Redis is used again', () => fill(tier, key, record).catch(() => false));
}

/** A machine that is busy for a moment makes Redis look slow, and then there is none. */
async function tokenOnceThere(tier: RedisTier, key: string): Promise<FillToken> {
  let token: FillToken | undefined;
  await until('there is a token', async () => {
    token = await tokenFor(tier, key).catch(() => undefined);
    return token !== undefined;
  });
  return token as FillToken;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.add(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return `redis://127.0.0.1:${address.port}`;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  const url = await listen(server);
  server.close();
  await once(server, 'close');
  return Number(new URL(url).port);
}

describeReal('redis', 'the Redis tier when Redis fails', () => {
  afterEach(async () => {
    await Promise.all(Array.from(open, (resource) => resource.close()));
    open.clear();
  });

  it('is out of reach while Redis has not started, and is used once it has', async () => {
    const port = await closedPort();
    const { tier } = openTier(`redis://127.0.0.1:${port}`);
    await expectOutOfReach(tier);
    await using _server = await startRedis({ port });
    await untilStored(tier, 'a');
    expect(tier.breaker.state).toBe('closed');
  });

  it('survives a Redis that dies between read and write, and takes no fill from before', async () => {
    const server = await startRedis();
    const { tier, redis } = openTier(server.url);
    await redis.ready();
    await untilStored(tier, 'kept');
    const token = await tokenOnceThere(tier, 'a');
    await server[Symbol.asyncDispose]();
    expect(await tier.write([{ key: 'a', record, token }])).toEqual([false]);
    await expectOutOfReach(tier);
    await using _again = await startRedis({ port: server.port });
    await untilStored(tier, 'b');
    expect(await tier.write([{ key: 'a', record, token }])).toEqual([false]);
    expect(await bodiesOf(tier, ['kept', 'a'])).toEqual([undefined, undefined]);
    await tier.invalidate(['x']);
    expect(await bodiesOf(tier, ['b'])).toEqual([undefined]);
  });

  it('does not wait for a Redis that stands still, and uses it once it goes on', async () => {
    await using server = await startRedis();
    const { tier, redis } = openTier(server.url);
    await redis.ready();
    const token = await tokenOnceThere(tier, 'a');
    const states: string[] = [];
    tier.breaker.onChange((state) => states.push(state));
    server.signal('SIGSTOP');
    const elapsed = await elapsedMs(async () => {
      expect(await tier.write([{ key: 'a', record, token }])).toEqual([false]);
    });
    expect(elapsed).toBeLessThan(SOON_MS);
    await expectOutOfReach(tier);
    expect(states[0]).toBe('open');
    server.signal('SIGCONT');
    await untilStored(tier, 'b');
    expect(states.at(-1)).toBe('closed');
  });

  it('makes a new connection when the old one is a dead end', async () => {
    await using server = await startRedis();
    const tunnels: Socket[] = [];
    const proxy = createServer((socket) => {
      const tunnel = connect(server.port, '127.0.0.1');
      for (const end of [socket, tunnel])
        end
          .on('error', () => {})
          .on('close', () => {
            socket.destroy();
            tunnel.destroy();
          });
      socket.pipe(tunnel).pipe(socket);
      tunnels.push(tunnel);
    });
    // So patient that only the breaker can be what gives the connection up.
    const { tier, redis } = openTier(await listen(proxy), 60_000);
    await redis.ready();
    for (const tunnel of tunnels) tunnel.unpipe().pause();
    await expectOutOfReach(tier);
    await untilStored(tier, 'a');
    expect(tunnels.length).toBeGreaterThan(1);
  });

  it('refuses at once while the breaker is open', async () => {
    await using server = await startRedis();
    const breaker = new CircuitBreaker({ failures: 2, openMs: 60_000 });
    const { tier, redis } = openTier(server.url, 500, breaker);
    await redis.ready();
    server.signal('SIGSTOP');
    await tier.read(['a']);
    await tier.read(['a']);
    expect(tier.breaker.state).toBe('open');
    const elapsed = await elapsedMs(async () => {
      for (let index = 0; index < 1_000; index++) await tier.read(['a']);
      await expect(tier.invalidate(['x'])).rejects.toThrow('failed too often');
    });
    expect(elapsed).toBeLessThan(1_000 * deadlines.readDeadlineMs * 0.1);
  });

  it.each([
    ['accepts connections and never answers', undefined],
    ['answers what no Redis would', '?what\r\n'.repeat(20)],
    ['answers another type', ':1\r\n'.repeat(20)],
    ['answers errors', '-ERR no\r\n'.repeat(20)],
    ['hangs up', null],
  ])('treats a server as out of reach that %s', async (_, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        if (answer === null) socket.destroy();
        else if (answer !== undefined) socket.write(answer);
      });
    });
    const { tier, redis } = openTier(await listen(server));
    await redis.ready();
    await expectOutOfReach(tier);
    await redis.ready();
    await expectOutOfReach(tier);
  });

  it('sends its scripts again when the server has forgotten them', async () => {
    await using server = await startRedis();
    const { tier, redis } = openPatientTier(server.url);
    await redis.ready();
    await fill(tier, 'a', record);
    await redis.send('', ['SCRIPT', 'FLUSH']);
    expect((await bodiesOf(tier, ['a']))[0]).toBeDefined();
    await redis.send('', ['SCRIPT', 'FLUSH']);
    await tier.invalidate(['x']);
    await redis.send('', ['SCRIPT', 'FLUSH']);
    await untilStored(tier, 'a');
  });

  it('purges a server that has no memory left to remember what was purged', async () => {
    await using server = await startRedis();
    const { tier, redis } = openPatientTier(server.url);
    await redis.ready();
    await fill(tier, 'a', record);
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '1']);
    await tier.invalidate(['x']);
    await redis.send('', ['CONFIG', 'SET', 'maxmemory', '0']);
    expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    await untilStored(tier, 'a');
  });

  it('drops the connection and its waiting commands when it is closed', async () => {
    await using server = await startRedis();
    const { tier, redis } = openTier(server.url);
    await redis.ready();
    server.signal('SIGSTOP');
    const reading = tier.read(['a']);
    await tier.close();
    expect(await reading).toEqual([{ token: undefined }]);
    expect(redis.isReady).toBe(false);
    await expectOutOfReach(tier);
  });
});
