import { silentLogger } from '../../platform/logger.js';
import { createBullmqQueue } from '../../subgraphs/orders/queue/bullmqQueue.js';
import type { JobQueue } from '../../subgraphs/orders/queue/jobQueue.js';
import { PermanentFailure } from '../../subgraphs/orders/queue/permanentFailure.js';
import { describeReal } from '../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { configSchema } from '../config.js';
import { runDeadLetters, runQueueStats, runReplay } from './orders.js';

const configOf = (queueRedisUrl?: string) =>
  configSchema.parse({ log: { level: 'silent' }, orders: { queueRedisUrl } });

describe('headgate orders', () => {
  it('says which Redis it lacks', async () => {
    await expect(runQueueStats(configOf(), () => undefined)).rejects.toThrow(/QUEUE_REDIS_URL/);
  });

  it('says that Redis is out of reach, where it was looked for', async () => {
    const asked = runQueueStats(configOf('redis://user:hunter2@127.0.0.1:9'), () => undefined);
    const error = await asked.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode: 4, message: expect.stringContaining('redis://127.0.0.1:9') });
    expect(String(error)).not.toContain('hunter2');
  });
});

describeReal('redis', 'headgate orders, with two dead letters', () => {
  let redis: RedisServer;
  let queue: JobQueue;
  beforeEach(async () => {
    redis = await startRedis();
    const retry = { attempts: 3, backoffMs: 10, maxBackoffMs: 10 };
    queue = createBullmqQueue({ url: redis.url, retry, logger: silentLogger() });
    const failing = await queue.consume(
      async ({ id }) => {
        throw new PermanentFailure(`the mail server refused ${id}`);
      },
      { concurrency: 1 },
    );
    for (const [index, id] of ['a/ORDER_PLACED', 'b/ORDER_PLACED'].entries()) {
      await queue.add({ id, orderId: id.slice(0, 1) });
      await until('it was given up', async () => (await queue.stats()).deadLetters === index + 1);
    }
    await failing.close();
  });
  afterEach(async () => {
    await queue.close();
    await redis[Symbol.asyncDispose]();
  });

  async function said(run: (write: (text: string) => void) => Promise<void>): Promise<string> {
    let text = '';
    await run((more) => {
      text += more;
    });
    return text;
  }

  it('counts and lists them, newest first', async () => {
    const config = configOf(redis.url);
    expect(await said((write) => runQueueStats(config, write))).toMatch(/waiting +0\n.*dead letters +2\n/s);
    expect(await said((write) => runDeadLetters(config, write))).toMatch(
      /^\d{4}-.*b\/ORDER_PLACED {2}after 1 tries: the mail server refused b.*\n.*a\/ORDER_PLACED.*\n$/,
    );
  });

  it('replays one, and all', async () => {
    const config = configOf(redis.url);
    const replay = (...ids: string[]) =>
      said((write) => runReplay(config, { ids, all: ids.length === 0 }, write));
    expect(await replay('a/ORDER_PLACED')).toBe('replayed a/ORDER_PLACED\n');
    expect(await queue.stats()).toMatchObject({ waiting: 1, deadLetters: 1 });
    await expect(replay('a/ORDER_PLACED')).rejects.toMatchObject({
      exitCode: 2,
      message: 'no dead letter has the id a/ORDER_PLACED',
    });
    expect(await replay()).toBe('replayed b/ORDER_PLACED\n');
    expect(await queue.stats()).toMatchObject({ waiting: 2, deadLetters: 0 });
  });
});
