import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import { silentLogger } from '../../../platform/logger.js';
import type { WorkerOrder, WorkerReport } from '../../../test/support/purgeWorker.js';
import { until } from '../../../test/support/until.js';
import { superviseWorkerPurges, type WorkerPurge } from './workerPurge.js';

const SUPPORT = join(__dirname, '../../../test/support');

interface TestWorker {
  readonly worker: Worker;
  readonly reports: readonly WorkerReport[];
  tell(order: WorkerOrder): void;
  has(report: WorkerReport): boolean;
}

let supervisor: WorkerPurge;
const workers: Worker[] = [];

function supervise(ackDeadlineMs: number): void {
  supervisor = superviseWorkerPurges({ cluster, ackDeadlineMs, logger: silentLogger() });
}

async function startWorker(): Promise<TestWorker> {
  const reports: WorkerReport[] = [];
  const worker = cluster.fork();
  workers.push(worker);
  worker.on('message', (message: WorkerReport) => {
    if ('report' in message) reports.push(message);
  });
  const has = (wanted: WorkerReport) =>
    reports.some((report) => JSON.stringify(report) === JSON.stringify(wanted));
  await until('it has joined', () => has({ report: 'joined' }));
  return { worker, reports, has, tell: (order) => void worker.send(order) };
}

beforeAll(() => {
  cluster.setupPrimary({
    exec: join(SUPPORT, 'purgeWorker.ts'),
    execArgv: ['--require', join(SUPPORT, 'runTypescript.cjs')],
    silent: true,
  });
});

afterEach(async () => {
  supervisor.close();
  await Promise.all(
    workers.splice(0).map(async (worker) => {
      if (worker.isDead()) return;
      const exited = once(worker, 'exit');
      worker.process.kill('SIGKILL');
      await exited;
    }),
  );
});

describe('a purge of one worker', () => {
  it('is done when every other worker has acknowledged it, and not sent back', async () => {
    supervise(10_000);
    const [a, b, c] = await Promise.all([startWorker(), startWorker(), startWorker()]);
    expect(supervisor.members).toBe(3);
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    expect(b.has({ report: 'received', tag: 't1' })).toBe(true);
    expect(c.has({ report: 'received', tag: 't1' })).toBe(true);
    expect(a.has({ report: 'received', tag: 't1' })).toBe(false);
    expect(supervisor.killed).toBe(0);
  });

  it('is done at once for a worker that is alone', async () => {
    supervise(10_000);
    const a = await startWorker();
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
  });

  it('waits for a worker that hangs, which is killed at the deadline: it could serve the old value', async () => {
    supervise(300);
    const [a, b, hanging] = await Promise.all([startWorker(), startWorker(), startWorker()]);
    hanging.tell({ order: 'hang' });
    await until('it hangs', () => hanging.has({ report: 'hanging' }));
    let outWhenDone: boolean | undefined;
    a.worker.on('message', (message: WorkerReport) => {
      if (message.report === 'purged') outWhenDone = hanging.worker.isDead();
    });
    a.tell({ order: 'purge', tag: 't1' });
    await until('the other one has purged', () => b.has({ report: 'received', tag: 't1' }));
    expect(a.has({ report: 'purged', tag: 't1' })).toBe(false);
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    expect(outWhenDone).toBe(true);
    expect(hanging.worker.process.signalCode).toBe('SIGKILL');
    expect([b.worker.isDead(), supervisor.members, supervisor.killed]).toEqual([false, 2, 1]);
  });

  it('does not wait for the deadline when a worker ends meanwhile', async () => {
    supervise(60_000);
    const [a, stopped] = await Promise.all([startWorker(), startWorker()]);
    stopped.worker.process.kill('SIGSTOP');
    a.tell({ order: 'purge', tag: 't1' });
    a.tell({ order: 'purge', tag: 't2' });
    stopped.worker.process.kill('SIGKILL');
    await until(
      'both are done',
      () => a.has({ report: 'purged', tag: 't1' }) && a.has({ report: 'purged', tag: 't2' }),
    );
    expect(supervisor.killed).toBe(0);
  });

  it('kills a worker that says that it could not purge', async () => {
    supervise(60_000);
    const [a, broken] = await Promise.all([startWorker(), startWorker()]);
    broken.tell({ order: 'fail-purges' });
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    expect([broken.worker.isDead(), supervisor.killed]).toEqual([true, 1]);
  });

  it('is not done before a worker that closed its channel is out', async () => {
    supervise(300);
    const [a, cutOff] = await Promise.all([startWorker(), startWorker()]);
    cutOff.tell({ order: 'disconnect' });
    await until('it is cut off', () => !cutOff.worker.isConnected());
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    expect(cutOff.worker.isDead()).toBe(true);
  });

  it('does not wait for a worker that has ended, and reaches one that came in its place', async () => {
    supervise(60_000);
    const [a, ended] = await Promise.all([startWorker(), startWorker()]);
    ended.tell({ order: 'exit' });
    await until('it has ended', () => supervisor.members === 1);
    const next = await startWorker();
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    expect(next.has({ report: 'received', tag: 't1' })).toBe(true);
  });

  it('that could not be shared is told to a worker that joins later, before it answers requests', async () => {
    supervise(60_000);
    const a = await startWorker();
    a.tell({ order: 'purge', tag: 't1' });
    await until('it is done', () => a.has({ report: 'purged', tag: 't1' }));
    const early = await startWorker();
    a.tell({ order: 'purge', tag: 't2', sharedPurged: false });
    await until('it is done', () => a.has({ report: 'purged', tag: 't2' }));
    const late = await startWorker();
    expect(early.reports).not.toContainEqual({ report: 'received', tag: 'subgraph:products' });
    expect(late.reports).toEqual([{ report: 'received', tag: 'subgraph:products' }, { report: 'joined' }]);
  });

  it('of each of two workers at the same time reaches the other', async () => {
    supervise(10_000);
    const [a, b] = await Promise.all([startWorker(), startWorker()]);
    for (let i = 0; i < 20; i++) {
      a.tell({ order: 'purge', tag: `a${i}` });
      b.tell({ order: 'purge', tag: `b${i}` });
    }
    await until(
      'all are done',
      () => a.has({ report: 'purged', tag: 'a19' }) && b.has({ report: 'purged', tag: 'b19' }),
    );
    expect(a.reports.filter(({ report }) => report === 'received')).toHaveLength(20);
    expect(b.reports.filter(({ report }) => report === 'received')).toHaveLength(20);
  });
});
