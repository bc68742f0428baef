import { silentLogger } from '../../../platform/logger.js';
import { held } from '../../../test/support/held.js';
import { jobQueueContract, QUICK_RETRY } from '../../../test/support/jobQueueContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import { createBullmqQueue } from './bullmqQueue.js';
import type { JobQueue } from './jobQueue.js';

describeReal('redis', 'the queue in Redis', () => {
  const opened: JobQueue[] = [];
  let redis: RedisServer;
  let names = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  function open(name: string, url = redis.url): JobQueue {
    const queue = createBullmqQueue({
      url,
      name,
      retry: QUICK_RETRY,
      stalledAfterMs: 500,
      deadlineMs: 10_000,
      logger: silentLogger(),
    });
    opened.push(queue);
    return queue;
  }

  jobQueueContract(async () => {
    names += 1;
    return open(`queue-${names}`);
  });
  // After that of the contract, which closes its consumers.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });

  it('is the same queue to all processes that give it the same name', async () => {
    const [here, there] = [open('shared'), open('shared')];
    await here.add({ id: 'a', orderId: 'order' });
    await there.add({ id: 'a', orderId: 'order' });
    expect(await there.stats()).toMatchObject({ waiting: 1 });
    const seen: string[] = [];
    const consumer = await there.consume(async ({ orderId }) => void seen.push(orderId), { concurrency: 1 });
    await until('it was seen', () => seen.length === 1);
    await consumer.close();
  });

  it('keeps no process alive once it is closed, also when a job under way never ends', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const queue = createBullmqQueue({
      url: redis.url,
      name: 'endless',
      retry: QUICK_RETRY,
      logger: silentLogger(),
    });
    const begun = held();
    const consumer = await queue.consume(
      () => {
        begun.release();
        return held().promise;
      },
      { concurrency: 1 },
    );
    await queue.add({ id: 'a', orderId: 'order' });
    await begun.promise;
    // Whoever waits for it gives up at some time.
    void consumer.close();
    await queue.close();
    await until('no timer is left', () => timers() <= before);
  });

  it('fails soon while Redis is away, and works again when it is back', async () => {
    const own = await startRedis();
    const queue = createBullmqQueue({
      url: own.url,
      retry: QUICK_RETRY,
      deadlineMs: 500,
      logger: silentLogger(),
    });
    opened.push(queue);
    const seen: string[] = [];
    const consumer = await queue.consume(async ({ id }) => void seen.push(id), { concurrency: 1 });
    await queue.add({ id: 'before', orderId: 'a' });
    await until('it was seen', () => seen.includes('before'));
    await own[Symbol.asyncDispose]();
    await expect(queue.add({ id: 'meanwhile', orderId: 'b' })).rejects.toThrow();
    await expect(queue.stats()).rejects.toThrow();
    await using back = await startRedis({ port: own.port });
    expect(back.port).toBe(own.port);
    const added = () =>
      queue.add({ id: 'after', orderId: 'c' }).then(
        () => true,
        () => false,
      );
    await until('jobs are taken again', added);
    await until('the consumer is back too', () => seen.includes('after'));
    await consumer.close();
    await queue.close();
  });
});
