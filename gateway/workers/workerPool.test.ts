import { type Held, held } from '../../test/support/held.js';
import { ManualTimers } from '../../test/support/manualTimers.js';
import { recordingLogger } from '../../test/support/recordingLogger.js';
import type { DrainReason } from './supervisionMessages.js';
import { createWorkerPool } from './workerPool.js';
import { type WorkerExit, type WorkerProcess, WorkerStartError } from './workerProcess.js';

const URL = 'http://127.0.0.1:4000';
const EXIT_TIMEOUT_MS = 20_000;

/** A process that does what the test says, and ends when it is killed. */
class TestWorker implements WorkerProcess {
  readonly started: Held<string> = held();
  readonly ended: Held<WorkerExit> = held();
  readonly ready = this.started.promise;
  readonly exited = this.ended.promise;
  readonly drained: DrainReason[] = [];
  killed = false;

  constructor(
    readonly slot: number,
    readonly pid: number,
  ) {}

  drain(reason: DrainReason): void {
    this.drained.push(reason);
  }

  kill(): void {
    this.killed = true;
    this.end(null, 'SIGKILL');
  }

  end(code: number | null, signal: string | null = null): void {
    this.started.fail(new Error('ended before it was ready'));
    this.ended.release({ code, signal });
  }

  ask(): Promise<never> {
    return Promise.reject(new Error('not asked in these tests'));
  }
}

function create(size: number) {
  const workers: TestWorker[] = [];
  const timers = new ManualTimers();
  const { logger, lines } = recordingLogger();
  const pool = createWorkerPool({
    size,
    launch(slot) {
      const worker = new TestWorker(slot, 100 + workers.length);
      workers.push(worker);
      return worker;
    },
    startTimeoutMs: 60_000,
    exitTimeoutMs: EXIT_TIMEOUT_MS,
    settledAfterMs: 10_000,
    timers,
    logger,
  });
  const servingPids = () => [...pool.serving.values()].map(({ pid }) => pid);
  const turn = () => timers.advance(0);
  return {
    pool,
    workers,
    timers,
    lines,
    servingPids,
    turn,
    worker: (index: number) => workers[index] as TestWorker,
  };
}

async function createRunning(size: number) {
  const running = create(size);
  const started = running.pool.start();
  for (const worker of running.workers) worker.started.release(URL);
  expect(await started).toBe(URL);
  await running.turn();
  return running;
}

describe('starting workers', () => {
  it('is done when the first is ready', async () => {
    const { pool, worker, servingPids } = create(3);
    const started = pool.start();
    worker(1).started.release(URL);
    expect(await started).toBe(URL);
    expect(servingPids()).toEqual([101]);
  });

  it('fails with the reason that one of them gave, when none can start', async () => {
    const { pool, worker, workers, timers } = create(3);
    const started = pool.start();
    worker(0).end(null, 'SIGSEGV');
    worker(1).started.fail(new WorkerStartError({ text: 'no supergraph', exitCode: 2 }));
    worker(2).started.fail(new WorkerStartError({ text: 'no supergraph', exitCode: 2 }));
    await expect(started).rejects.toMatchObject({ message: 'no supergraph', exitCode: 2 });
    await timers.advance(60_000);
    expect(workers).toHaveLength(3);
  });

  it('tries again with one that failed, when another is ready', async () => {
    const { pool, worker, workers, timers, servingPids } = create(2);
    const started = pool.start();
    worker(0).end(1);
    worker(1).started.release(URL);
    await started;
    await timers.advance(200);
    expect(workers.map(({ slot }) => slot)).toEqual([0, 1, 0]);
    worker(2).started.release(URL);
    await timers.advance(0);
    expect(servingPids()).toEqual([102, 101]);
  });

  it('kills one that is not ready after a minute', async () => {
    const { pool, worker, timers } = create(1);
    const failed = expect(pool.start()).rejects.toThrow('before it was ready');
    await timers.advance(59_999);
    expect(worker(0).killed).toBe(false);
    await timers.advance(1);
    expect(worker(0).killed).toBe(true);
    await failed;
  });
});

describe('a worker that ends', () => {
  it('is replaced in its slot', async () => {
    const { worker, workers, timers, servingPids, lines } = await createRunning(2);
    worker(0).end(null, 'SIGKILL');
    await timers.advance(0);
    expect(servingPids()).toEqual([101]);
    await timers.advance(200);
    expect(workers[2]?.slot).toBe(0);
    worker(2).started.release(URL);
    await timers.advance(0);
    expect(servingPids()).toEqual([102, 101]);
    expect(lines).toContainEqual(expect.objectContaining({ worker: 0, workerPid: 100, signal: 'SIGKILL' }));
  });

  it('again and again is waited with for longer each time, up to ten seconds', async () => {
    const { workers, timers } = await createRunning(1);
    for (let time = 0; time < 20; time++) {
      const last = workers.at(-1) as TestWorker;
      last.started.release(URL);
      await timers.advance(1);
      last.end(1);
      const count = workers.length;
      while (workers.length === count) await timers.advance(50);
    }
    const began = timers.now();
    workers.at(-1)?.end(1);
    const count = workers.length;
    while (workers.length === count) await timers.advance(50);
    expect(timers.now() - began).toBeGreaterThanOrEqual(5_000);
    expect(timers.now() - began).toBeLessThanOrEqual(10_050);
  });

  it('after it ran well is replaced without such a wait', async () => {
    const { workers, timers } = await createRunning(1);
    for (let time = 0; time < 10; time++) {
      const last = workers.at(-1) as TestWorker;
      last.started.release(URL);
      await timers.advance(10_000);
      last.end(1);
      await timers.advance(200);
    }
    expect(workers).toHaveLength(11);
  });
});

describe('replacing workers', () => {
  it('has a new one ready before an old one is let go, one after the other', async () => {
    const { pool, worker, workers, turn, servingPids } = await createRunning(2);
    const restarted = pool.restart();
    await turn();
    expect(workers).toHaveLength(3);
    expect(worker(0).drained).toEqual([]);
    worker(2).started.release(URL);
    await turn();
    expect(worker(0).drained).toEqual(['replaced']);
    expect(workers).toHaveLength(3);
    worker(0).end(0);
    await turn();
    expect(workers).toHaveLength(4);
    expect(worker(1).drained).toEqual([]);
    worker(3).started.release(URL);
    await turn();
    worker(1).end(0);
    await restarted;
    expect(servingPids()).toEqual([102, 103]);
  });

  it('stops at one that does not start, and leaves the old ones', async () => {
    const { pool, worker, workers, servingPids } = await createRunning(2);
    const restarted = pool.restart();
    worker(2).started.fail(new WorkerStartError({ text: 'no supergraph', exitCode: 1 }));
    await expect(restarted).rejects.toThrow('no supergraph');
    expect(servingPids()).toEqual([100, 101]);
    expect(workers).toHaveLength(3);
    expect([worker(0).drained, worker(1).drained]).toEqual([[], []]);
  });

  it('kills an old one that does not end', async () => {
    const { pool, worker, timers } = await createRunning(1);
    const restarted = pool.restart();
    worker(1).started.release(URL);
    await timers.advance(EXIT_TIMEOUT_MS - 1);
    expect(worker(0).killed).toBe(false);
    await timers.advance(1);
    await restarted;
    expect(worker(0).killed).toBe(true);
  });

  it('starts only one more when the old one ends by itself meanwhile', async () => {
    const { pool, worker, workers, timers, servingPids } = await createRunning(1);
    const restarted = pool.restart();
    worker(0).end(1);
    worker(1).started.release(URL);
    await restarted;
    await timers.advance(60_000);
    expect(workers).toHaveLength(2);
    expect(servingPids()).toEqual([101]);
  });

  it('joins one that goes on already', async () => {
    const { pool, workers, turn } = await createRunning(1);
    expect(pool.restart()).toBe(pool.restart());
    await turn();
    expect(workers).toHaveLength(2);
  });
});

describe('stopping workers', () => {
  it('lets all finish, those that are not ready too, and starts no other', async () => {
    const { pool, worker, workers, timers } = await createRunning(2);
    const restarted = pool.restart();
    const stopped = pool.stop();
    expect(workers.map(({ drained }) => drained)).toEqual([['shutdown'], ['shutdown'], ['shutdown']]);
    for (const each of workers) each.end(0);
    expect(await stopped).toBe(true);
    await restarted;
    await timers.advance(60_000);
    expect(workers).toHaveLength(3);
    expect(worker(0).killed).toBe(false);
  });

  it('kills one that does not end, and says so', async () => {
    const { pool, worker, timers } = await createRunning(2);
    const stopped = pool.stop();
    worker(0).end(0);
    await timers.advance(EXIT_TIMEOUT_MS);
    expect(await stopped).toBe(false);
    expect(worker(1).killed).toBe(true);
  });

  it('starts none that was waiting for its turn', async () => {
    const { pool, worker, workers, timers } = await createRunning(1);
    worker(0).end(1);
    await timers.advance(0);
    expect(await pool.stop()).toBe(true);
    await timers.advance(60_000);
    expect(workers).toHaveLength(1);
    expect(timers.pending).toBe(0);
  });
});
