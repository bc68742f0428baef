import { poolWorkers } from './pooledWorkers.js';
import type { WorkerProcess } from './workerProcess.js';

interface Behaviour {
  readonly ready?: boolean;
  readonly memory?: number;
  readonly fails?: boolean;
  readonly hangs?: boolean;
}

function create(behaviours: readonly Behaviour[]) {
  const asked: [number, string][] = [];
  const serving = new Map(
    behaviours.map(({ ready = true, memory = 0, fails, hangs }, slot) => {
      const answers: Record<string, unknown> = {
        status: {
          readiness: { ready, supergraph: `of ${slot}`, subgraphs: {} },
          subgraphs: ['products', `only-in-${slot}`],
        },
        metrics: [{ name: 'm', values: [] }],
        count: memory,
        invalidate: null,
      };
      const ask = async (name: string) => {
        asked.push([slot, name]);
        if (hangs) return new Promise(() => undefined);
        if (fails && name !== 'status') throw new Error('the worker ended');
        return answers[name];
      };
      return [slot, { ask } as unknown as WorkerProcess] as const;
    }),
  );
  return { workers: poolWorkers({ pool: { serving }, answerDeadlineMs: 20 }), asked };
}

const invalidation = { source: 'products', tags: ['a'], by: 'operator' } as const;

describe('poolWorkers', () => {
  it('is ready when one of them is', async () => {
    const { workers } = create([{ ready: false }, {}]);
    await workers.refresh();
    expect(workers.readiness()).toMatchObject({ ready: true, supergraph: 'of 1' });
    expect(workers.subgraphs()).toEqual(['products', 'only-in-0', 'only-in-1']);
  });

  it('is not ready when none is, or none answers', async () => {
    const { workers } = create([{ ready: false }, { hangs: true }]);
    await workers.refresh();
    expect(workers.readiness()).toMatchObject({ ready: false, supergraph: 'of 0' });
    const { workers: stopped } = create([{ hangs: true }]);
    await stopped.refresh();
    expect(stopped.readiness()).toEqual({ ready: false, supergraph: null, subgraphs: {} });
    expect(stopped.subgraphs()).toEqual([]);
  });

  it('adds up what is in the memory of each, and counts once what they share', async () => {
    const { workers, asked } = create([{ memory: 2 }, { memory: 3 }]);
    await workers.refresh();
    expect(await workers.count('memory', ['a'])).toBe(5);
    asked.length = 0;
    expect(await workers.count('redis', ['a'])).toBe(2);
    expect(asked).toEqual([[0, 'count']]);
  });

  it('lets one of them purge, and another when that one fails', async () => {
    const { workers, asked } = create([{ hangs: true }, { fails: true }, {}, {}]);
    await workers.refresh();
    asked.length = 0;
    await workers.invalidate(invalidation);
    expect(asked).toEqual([
      [1, 'invalidate'],
      [2, 'invalidate'],
    ]);
  });

  it('says so when none of them can purge', async () => {
    const { workers } = create([{ fails: true }]);
    await workers.refresh();
    await expect(workers.invalidate(invalidation)).rejects.toThrow('the worker ended');
    await expect(create([]).workers.invalidate(invalidation)).rejects.toThrow('no worker is ready');
  });

  it('leaves out the metrics of one that does not answer', async () => {
    const { workers } = create([{}, { hangs: true }]);
    expect([...(await workers.metrics())]).toEqual([['0', [{ name: 'm', values: [] }]]]);
  });
});
