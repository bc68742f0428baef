import type {
  Consumer,
  ConsumerOptions,
  Delivery,
  JobHandler,
  JobQueue,
  RetryPolicy,
} from '../../subgraphs/orders/queue/jobQueue.js';
import { PermanentFailure } from '../../subgraphs/orders/queue/permanentFailure.js';
import { Postponement } from '../../subgraphs/orders/queue/postponement.js';
import { type Held, held } from './held.js';
import { until } from './until.js';

export const QUICK_RETRY: RetryPolicy = { attempts: 3, backoffMs: 20, maxBackoffMs: 60 };

const PATIENCE_MS = 60_000;
const waitFor = (what: string, condition: () => boolean | Promise<boolean>) =>
  until(what, condition, PATIENCE_MS);

/** What every queue promises. `open` gives a new, empty one with `QUICK_RETRY`; it is closed when the test ends. */
export function jobQueueContract(open: () => Promise<JobQueue>): void {
  let queue: JobQueue;
  const opened: Consumer[] = [];
  beforeEach(async () => {
    queue = await open();
  });
  /** A case that fails leaves its consumers open: the queue would wait for their jobs, and the run for the queue. */
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((consumer) => consumer.close({ force: true })));
  });

  async function consume(handler: JobHandler, options: ConsumerOptions): Promise<Consumer> {
    const consumer = await queue.consume(handler, options);
    opened.push(consumer);
    return consumer;
  }

  const job = (id: string) => ({ id, orderId: `order of ${id}` });

  it('hands each job to one handler, with the order that it is about', async () => {
    const seen: Delivery[] = [];
    const consumers = await Promise.all(
      [1, 2].map(() => consume(async (delivery) => void seen.push(delivery), { concurrency: 2 })),
    );
    for (const id of ['a', 'b', 'c']) await queue.add(job(id));
    await waitFor('all were seen', () => seen.length === 3);
    expect(seen.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
      ['a', 'b', 'c'].map((id) => ({ ...job(id), attempt: 1, last: false })),
    );
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.stats()).toEqual({
      waiting: 0,
      active: 0,
      delayed: 0,
      deadLetters: 0,
      oldestAgeMs: 0,
    });
    await Promise.all(consumers.map((consumer) => consumer.close()));
  });

  it('keeps jobs for a consumer that comes later, and knows the age of the oldest', async () => {
    await queue.add(job('a'));
    await queue.add(job('b'));
    await waitFor('they have an age', async () => (await queue.stats()).oldestAgeMs > 0);
    expect(await queue.stats()).toMatchObject({ waiting: 2, active: 0 });
    const seen: string[] = [];
    const consumer = await consume(async ({ id }) => void seen.push(id), { concurrency: 1 });
    await waitFor('both were seen', () => seen.length === 2);
    expect(seen).toEqual(['a', 'b']);
    await consumer.close();
  });

  it('does not add a job again that is waiting or under way, and does once it is done', async () => {
    const gate = held();
    let times = 0;
    await queue.add(job('a'));
    await queue.add(job('a'));
    const consumer = await consume(
      async () => {
        times += 1;
        await gate.promise;
      },
      { concurrency: 5 },
    );
    await waitFor('it is under way', () => times === 1);
    await queue.add(job('a'));
    await queue.add(job('b'));
    await waitFor('the other one came past it', () => times === 2);
    gate.release();
    await waitFor('both are done', async () => (await queue.stats()).active === 0);
    await queue.add(job('a'));
    await waitFor('it came again', () => times === 3);
    await consumer.close();
    expect(times).toBe(3);
  });

  it('tries again what failed, later and later, and tells the last try', async () => {
    const tries: (Delivery & { readonly at: number })[] = [];
    const consumer = await consume(
      async (delivery) => {
        tries.push({ ...delivery, at: performance.now() });
        if (delivery.attempt < 3) throw new Error(`failure ${delivery.attempt}`);
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await waitFor('the third try came', () => tries.length === 3);
    expect(tries.map(({ attempt, last }) => [attempt, last])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    const [first, second, third] = tries.map(({ at }) => at) as [number, number, number];
    // Timers may be a little early, never by this much.
    expect(second - first).toBeGreaterThan(QUICK_RETRY.backoffMs * 0.9);
    expect(third - second).toBeGreaterThan(QUICK_RETRY.backoffMs * 2 * 0.9);
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.stats()).toMatchObject({ delayed: 0, deadLetters: 0 });
    await consumer.close();
  });

  it('gives up after the last try, keeps a dead letter, and replays it with all its tries', async () => {
    const tries: number[] = [];
    let broken = true;
    const consumer = await consume(
      async ({ attempt }) => {
        tries.push(attempt);
        if (broken) throw new Error('no such luck');
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await waitFor('it was given up', async () => (await queue.stats()).deadLetters === 1);
    expect(tries).toEqual([1, 2, 3]);
    expect(await queue.deadLetters(10)).toEqual([
      { ...job('a'), reason: 'no such luck', attempts: 3, failedAt: expect.any(Date) },
    ]);
    // A dead letter is for people: nobody else brings it back.
    await queue.add(job('a'));
    expect(await queue.stats()).toMatchObject({ waiting: 0, deadLetters: 1 });
    broken = false;
    expect(await queue.replay('a')).toBe(true);
    await waitFor('it came again', () => tries.length === 4);
    expect(tries.at(-1)).toBe(1);
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.deadLetters(10)).toEqual([]);
    expect(await queue.replay('a')).toBe(false);
    expect(await queue.replay('never came')).toBe(false);
    await consumer.close();
  });

  it('replays a dead letter once, also for two who want it at the same time', async () => {
    let isBroken = true;
    let times = 0;
    const consumer = await consume(
      async () => {
        times += 1;
        if (isBroken) throw new PermanentFailure('no');
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await waitFor('it was given up', async () => (await queue.stats()).deadLetters === 1);
    isBroken = false;
    const replays = await Promise.all([queue.replay('a'), queue.replay('a')]);
    expect(replays.toSorted()).toEqual([false, true]);
    await waitFor('it came again', () => times === 2);
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.stats()).toMatchObject({ waiting: 0, deadLetters: 0 });
    await consumer.close();
    expect(times).toBe(2);
  });

  it('carries along which trace a job belongs to, also when it is replayed', async () => {
    const traced = { ...job('a'), traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    const seen: Delivery[] = [];
    const consumer = await consume(
      async (delivery) => {
        seen.push(delivery);
        if (seen.length === 1) throw new PermanentFailure('no');
      },
      { concurrency: 1 },
    );
    await queue.add(traced);
    await waitFor('it was given up', async () => (await queue.stats()).deadLetters === 1);
    expect(await queue.deadLetters(1)).toMatchObject([traced]);
    await queue.replay('a');
    await waitFor('it came again', () => seen.length === 2);
    expect(seen).toEqual(Array(2).fill({ ...traced, attempt: 1, last: false }));
    await consumer.close();
  });

  it('gives up at once what fails for good', async () => {
    let tries = 0;
    const consumer = await consume(
      async () => {
        tries += 1;
        throw new PermanentFailure('there is no such order');
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await waitFor('it was given up', async () => (await queue.stats()).deadLetters === 1);
    expect(tries).toBe(1);
    expect(await queue.deadLetters(10)).toMatchObject([{ id: 'a', reason: 'there is no such order' }]);
    await consumer.close();
  });

  it('brings what was postponed again, as the same try, also the last one', async () => {
    const tries: (readonly [number, boolean])[] = [];
    const consumer = await consume(
      async ({ attempt, last }) => {
        tries.push([attempt, last]);
        if (!last) throw new Error('no such luck');
        if (tries.length < 6) throw new Postponement('not now');
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await waitFor('it came through', () => tries.length === 6);
    expect(tries).toEqual([[1, false], [2, false], ...Array(4).fill([3, true])]);
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.stats()).toMatchObject({ waiting: 0, delayed: 0, deadLetters: 0 });
    await consumer.close();
  });

  it('lists the newest dead letters first, or the oldest, as many as wanted', async () => {
    const consumer = await consume(
      async () => {
        throw new PermanentFailure('no');
      },
      { concurrency: 1 },
    );
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      await queue.add(job(id));
      await waitFor('it was given up', async () => (await queue.stats()).deadLetters === index + 1);
    }
    expect((await queue.deadLetters(2)).map(({ id }) => id)).toEqual(['c', 'b']);
    expect((await queue.deadLetters(2, 'oldest')).map(({ id }) => id)).toEqual(['a', 'b']);
    await consumer.close();
  });

  it('gives the jobs of a consumer that stalls to another one, and a late end of them there counts for nothing', async () => {
    const stalled = held();
    let taken = 0;
    const first = await consume(
      async () => {
        taken += 1;
        await stalled.promise;
      },
      { concurrency: 2 },
    );
    await queue.add(job('a'));
    await waitFor('it is under way', () => taken === 1);
    await first.close({ force: true });
    const again = held();
    const seen: Delivery[] = [];
    const second = await consume(
      async (delivery) => {
        seen.push(delivery);
        await again.promise;
      },
      { concurrency: 2 },
    );
    await waitFor('it came to the other one', () => seen.length === 1);
    // It was no failure of the job, so no try of it is used up.
    expect(seen).toEqual([{ ...job('a'), attempt: 1, last: false }]);
    stalled.fail(new Error('too late'));
    expect(await queue.stats()).toMatchObject({ active: 1, deadLetters: 0 });
    again.release();
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(await queue.stats()).toMatchObject({ waiting: 0, delayed: 0, deadLetters: 0 });
    await second.close();
  });

  it('runs as many jobs at once as a consumer allows, and no more', async () => {
    const gates: Held[] = [];
    let running = 0;
    let most = 0;
    const consumer = await consume(
      async () => {
        running += 1;
        most = Math.max(most, running);
        const gate = held();
        gates.push(gate);
        await gate.promise;
        running -= 1;
      },
      { concurrency: 3 },
    );
    for (let index = 0; index < 8; index++) await queue.add(job(`job-${index}`));
    await waitFor('three run', () => running === 3);
    expect(await queue.stats()).toMatchObject({ waiting: 5, active: 3 });
    for (let released = 0; released < 8; released++) {
      await waitFor('there is one to let go', () => gates.length > released);
      gates[released]?.release();
    }
    await waitFor('nothing is left', async () => (await queue.stats()).active === 0);
    expect(most).toBe(3);
    await consumer.close();
  });

  it('drains: a consumer that closes finishes what it has and takes nothing more', async () => {
    const gate = held();
    const seen: string[] = [];
    const done: string[] = [];
    const consumer = await consume(
      async ({ id }) => {
        seen.push(id);
        await gate.promise;
        done.push(id);
      },
      { concurrency: 1 },
    );
    await queue.add(job('a'));
    await queue.add(job('b'));
    await waitFor('the first is under way', () => seen.length === 1);
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    gate.release();
    await closing;
    expect(done).toEqual(['a']);
    expect(await queue.stats()).toMatchObject({ waiting: 1, active: 0 });
  });
}
