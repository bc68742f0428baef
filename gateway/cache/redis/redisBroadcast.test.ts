import { silentLogger } from '../../../platform/logger.js';
import { describeBroadcast, heardBy, noticeOf } from '../../../test/support/broadcastContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import type { Broadcast } from '../invalidate/broadcast.js';
import { openRedis } from './openRedis.js';
import { createRedisBroadcast } from './redisBroadcast.js';

describeReal('redis', 'purges over Redis', () => {
  let server: RedisServer;
  const open: { close(): Promise<void> }[] = [];
  let namespaces = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function create(origin: string, url: string, namespace: string): { broadcast: Broadcast; gaps(): number } {
    let gaps = 0;
    const broadcast = createRedisBroadcast({
      origin,
      urls: [url],
      namespace,
      connectTimeoutMs: 1_000,
      logger: silentLogger(),
    });
    open.push(broadcast);
    broadcast.listen({
      onNotice: () => undefined,
      onGap: () => {
        gaps += 1;
      },
    });
    return { broadcast, gaps: () => gaps };
  }

  describeBroadcast('redis', async () => {
    namespaces += 1;
    const namespace = `test-${namespaces}`;
    const redis = openRedis({ urls: [server.url] });
    open.push(redis);
    await redis.ready();
    return {
      async join(origin) {
        const { broadcast, gaps } = create(origin, server.url, namespace);
        await until('it is subscribed', () => gaps() === 1);
        return broadcast;
      },
      say: async (text) => {
        await redis.send(namespace, ['PUBLISH', `${namespace}:purges`, text]);
      },
    };
  });

  it('come back with the server, and say that something may have been missed', async () => {
    const first = await startRedis();
    const a = create('a', first.url, 'restart');
    const b = create('b', first.url, 'restart');
    await until('both are subscribed', () => a.gaps() === 1 && b.gaps() === 1);
    await first[Symbol.asyncDispose]();
    await until('nothing can be sent', async () => {
      await a.broadcast.publish(noticeOf('a', 'lost'));
      return a.broadcast.counts.unsent > 0;
    });
    await using second = await startRedis({ port: first.port });
    expect(second.url).toBe(first.url);
    await until('both are subscribed again', () => a.gaps() === 2 && b.gaps() === 2);
    const heard = heardBy(b.broadcast);
    await a.broadcast.publish(noticeOf('a', 'after'));
    await until('the next one is heard', () => heard.length === 1);
    expect(heard).toEqual([noticeOf('a', 'after')]);
  });

  it('are given up at the deadline when the server hangs, and go on when it answers again', async () => {
    await using hanging = await startRedis();
    const a = createRedisBroadcast({
      origin: 'a',
      urls: [hanging.url],
      connectTimeoutMs: 300,
      publishDeadlineMs: 50,
      logger: silentLogger(),
    });
    open.push(a);
    await until('it can send', async () => {
      await a.publish(noticeOf('a', 't'));
      return a.counts.sent > 0;
    });
    hanging.signal('SIGSTOP');
    try {
      const { unsent } = a.counts;
      await a.publish(noticeOf('a', 't'));
      expect(a.counts.unsent).toBe(unsent + 1);
    } finally {
      hanging.signal('SIGCONT');
    }
    const { sent } = a.counts;
    await until('it can send again', async () => {
      await a.publish(noticeOf('a', 't'));
      return a.counts.sent > sent;
    });
  });

  it('start without a server, and connect when there is one', async () => {
    const gone = await startRedis();
    await gone[Symbol.asyncDispose]();
    const { broadcast, gaps } = create('a', gone.url, 'late');
    await broadcast.publish(noticeOf('a', 't'));
    expect(broadcast.counts.unsent).toBe(1);
    await using late = await startRedis({ port: gone.port });
    expect(late.url).toBe(gone.url);
    await until('it is subscribed', () => gaps() === 1);
  });
});
