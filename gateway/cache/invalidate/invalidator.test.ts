import { silentLogger } from '../../../platform/logger.js';
import { held } from '../../../test/support/held.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import type { Invalidation } from '../invalidation.js';
import type { InvalidationTarget, ProcessTarget, SharedTarget } from './invalidationTarget.js';
import { createInvalidator, type InvalidatorOptions } from './invalidator.js';
import { createProcessBroadcast, ProcessChannel } from './processBroadcast.js';
import type { PurgeNotice } from './purgeNotice.js';

const CHANGE: Invalidation = {
  source: 'products',
  tags: ['Product:id=p1'],
  operationTime: 'rs0@0000000000000005',
  by: 'mutation',
};

function invalidatorWith(options: Partial<InvalidatorOptions> = {}) {
  return createInvalidator({
    origin: 'here',
    targets: [],
    sourcesWithoutFeed: () => [],
    logger: silentLogger(),
    ...options,
  });
}

/** Targets that write down what they are told. */
function recorder() {
  const told: string[] = [];
  const processTarget = (name: string): ProcessTarget => ({
    scope: 'process',
    name,
    invalidate: ({ tags }) => void told.push(`${name} ${tags.join()}`),
  });
  const sharedTarget = (
    name: string,
    outcome: () => Promise<'purged' | 'bypassed'> = async () => 'purged',
  ): SharedTarget => ({
    scope: 'shared',
    name,
    async invalidate({ tags }) {
      told.push(`${name} ${tags.join()}`);
      return outcome();
    },
    settled: async () => undefined,
  });
  return { told, processTarget, sharedTarget };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whether it is resolved already. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.finally(() => {
    done = true;
  });
  await turn();
  return done;
}

describe('an invalidation', () => {
  it('reaches loads and memory, then Redis, then both again, then siblings and other gateways, then listeners', async () => {
    const { told, processTarget, sharedTarget } = recorder();
    const invalidator = invalidatorWith({
      targets: [sharedTarget('redis'), processTarget('loads'), processTarget('memory')],
      siblings: { purge: async () => void told.push('siblings') },
      broadcast: {
        publish: async () => void told.push('broadcast'),
        listen: () => () => undefined,
        counts: { sent: 0, unsent: 0, received: 0, malformed: 0 },
        close: async () => undefined,
      },
    });
    invalidator.onApplied(() => told.push('listener'));
    await invalidator.apply({ ...CHANGE, tags: ['t'] });
    expect(told).toEqual([
      ...['loads t', 'memory t', 'redis t', 'loads t', 'memory t'],
      ...['siblings', 'broadcast', 'listener'],
    ]);
  });

  it('raises the time for new loads before anything is purged', async () => {
    let seen: string | undefined;
    const target: InvalidationTarget = {
      scope: 'process',
      name: 'loads',
      invalidate: () => {
        seen = invalidator.latestOperationTime('products');
      },
    };
    const invalidator = invalidatorWith({ targets: [target] });
    await invalidator.apply(CHANGE);
    expect(seen).toBe('rs0@0000000000000005');
  });

  it.each(['redis', 'siblings'] as const)('is not done before %s is', async (slow) => {
    const gate = held();
    const { processTarget, sharedTarget } = recorder();
    const invalidator = invalidatorWith({
      targets: [
        processTarget('memory'),
        sharedTarget('redis', async () => {
          if (slow === 'redis') await gate.promise;
          return 'purged';
        }),
      ],
      siblings: { purge: () => (slow === 'siblings' ? gate.promise : Promise.resolve()) },
    });
    const applied = invalidator.apply(CHANGE);
    expect(await isDone(applied)).toBe(false);
    gate.release();
    await applied;
  });

  it('does not wait for other gateways', async () => {
    const gate = held();
    const invalidator = invalidatorWith({
      broadcast: {
        publish: () => gate.promise,
        listen: () => () => undefined,
        counts: { sent: 0, unsent: 0, received: 0, malformed: 0 },
        close: async () => undefined,
      },
    });
    await invalidator.apply(CHANGE);
    const closed = invalidator.close();
    expect(await isDone(closed)).toBe(false);
    gate.release();
    await closed;
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('down'))],
    ['says that it is bypassed', async () => 'bypassed' as const],
  ])('goes on when Redis %s, and asks siblings to purge it themselves', async (_name, outcome) => {
    const { processTarget, sharedTarget } = recorder();
    const notices: PurgeNotice[] = [];
    const invalidator = invalidatorWith({
      targets: [processTarget('memory'), sharedTarget('redis', outcome)],
      siblings: { purge: async (notice) => void notices.push(notice) },
    });
    await invalidator.apply(CHANGE);
    const { by: _, ...invalidation } = CHANGE;
    expect(notices).toEqual([{ origin: 'here', invalidation, sharedPurged: false }]);
    expect(invalidator.counts.bypassed + invalidator.counts.failed).toBe(1);
  });

  it('gives up a shared cache that hangs, at the deadline and not before', async () => {
    const timers = new ManualTimers();
    const { told, processTarget, sharedTarget } = recorder();
    const invalidator = invalidatorWith({
      timers,
      sharedDeadlineMs: 300,
      targets: [processTarget('memory'), sharedTarget('redis', () => new Promise(() => undefined))],
    });
    const applied = invalidator.apply({ ...CHANGE, tags: ['t'] });
    await timers.advance(299);
    expect(await isDone(applied)).toBe(false);
    await timers.advance(1);
    await applied;
    expect(told).toEqual(['memory t', 'redis t', 'memory t']);
    expect(invalidator.counts.failed).toBe(1);
  });

  it('of a feed is not sent on: everybody reads the feed', async () => {
    const notices: PurgeNotice[] = [];
    const invalidator = invalidatorWith({ siblings: { purge: async (notice) => void notices.push(notice) } });
    await invalidator.apply({ ...CHANGE, by: 'feed' });
    await invalidator.apply({ ...CHANGE, by: 'replica' });
    expect(notices).toEqual([]);
    await invalidator.apply({ ...CHANGE, by: 'operator' });
    expect(notices).toHaveLength(1);
  });

  it('tells proxies last, and a writer or an operator waits for them', async () => {
    for (const by of ['mutation', 'operator', 'feed', 'replica'] as const) {
      const gate = held();
      const siblings = held();
      const { told, processTarget } = recorder();
      const purge = (): Promise<void> => {
        told.push('proxies');
        return gate.promise;
      };
      const invalidator = invalidatorWith({
        targets: [processTarget('memory')],
        siblings: { purge: () => siblings.promise },
        proxies: { purge },
      });
      const applied = invalidator.apply({ ...CHANGE, tags: ['t'], by });
      const waits = by === 'mutation' || by === 'operator';
      expect([by, await isDone(applied)]).toEqual([by, !waits]);
      // A proxy that is told earlier fetches the old value from a sibling, and keeps it.
      expect(told).toEqual(waits ? ['memory t'] : ['memory t', 'proxies']);
      siblings.release();
      expect([by, await isDone(applied)]).toEqual([by, !waits]);
      expect(told).toEqual(['memory t', 'proxies']);
      gate.release();
      await applied;
    }
  });

  it('fails loudly when something in the process could not be purged', async () => {
    const target: InvalidationTarget = {
      scope: 'process',
      name: 'memory',
      invalidate: () => Promise.reject(new Error('broken')),
    };
    await expect(invalidatorWith({ targets: [target] }).apply(CHANGE)).rejects.toThrow('broken');
  });

  it('survives a listener that fails', async () => {
    const heard: string[] = [];
    const invalidator = invalidatorWith();
    invalidator.onApplied(() => {
      throw new Error('broken');
    });
    const stop = invalidator.onApplied(({ source }) => heard.push(source));
    await invalidator.apply(CHANGE);
    stop();
    await invalidator.apply(CHANGE);
    expect(heard).toEqual(['products']);
  });

  it('can be for the shared cache alone', async () => {
    const { told, processTarget, sharedTarget } = recorder();
    const invalidator = invalidatorWith({ targets: [processTarget('memory'), sharedTarget('redis')] });
    await invalidator.apply({ ...CHANGE, tags: ['t'], by: 'feed' }, 'shared');
    expect(told).toEqual(['redis t']);
  });
});

describe('a notice', () => {
  const notice = (sharedPurged: boolean): PurgeNotice => ({
    origin: 'there',
    invalidation: { source: 'products', tags: ['t'], operationTime: 'rs0@0000000000000007' },
    sharedPurged,
  });

  it('purges this process, and Redis only when the sender could not', async () => {
    const { told, processTarget, sharedTarget } = recorder();
    const invalidator = invalidatorWith({ targets: [processTarget('memory'), sharedTarget('redis')] });
    await invalidator.receive(notice(true));
    expect(told).toEqual(['memory t']);
    await invalidator.receive(notice(false));
    expect(told.slice(1)).toEqual(['memory t', 'redis t', 'memory t']);
    expect(invalidator.latestOperationTime('products')).toBe('rs0@0000000000000007');
  });

  it('is told to proxies, and waits for none of them', async () => {
    const { told, processTarget } = recorder();
    const purge = (): Promise<void> => {
      told.push('proxies');
      return new Promise(() => undefined);
    };
    const invalidator = invalidatorWith({ targets: [processTarget('memory')], proxies: { purge } });
    await invalidator.receive(notice(true));
    expect(told).toEqual(['memory t', 'proxies']);
  });

  it('reaches the other gateways, not oneself, and goes no further', async () => {
    const channel = new ProcessChannel();
    const here = recorder();
    const there = recorder();
    const sender = invalidatorWith({
      broadcast: createProcessBroadcast('here', channel),
      targets: [here.processTarget('memory')],
    });
    invalidatorWith({
      origin: 'there',
      broadcast: createProcessBroadcast('there', channel),
      targets: [there.processTarget('memory')],
    });
    await sender.apply({ ...CHANGE, tags: ['t'] });
    await turn();
    expect(here.told).toEqual(['memory t']);
    expect(there.told).toEqual(['memory t']);
  });

  it('that may be missing purges what has no feed, in this process', async () => {
    const { told, processTarget, sharedTarget } = recorder();
    let onGap = (): void => undefined;
    invalidatorWith({
      targets: [processTarget('memory'), sharedTarget('redis')],
      sourcesWithoutFeed: () => ['legacy'],
      broadcast: {
        publish: async () => undefined,
        listen(listener) {
          onGap = () => listener.onGap();
          return () => undefined;
        },
        counts: { sent: 0, unsent: 0, received: 0, malformed: 0 },
        close: async () => undefined,
      },
    });
    onGap();
    await turn();
    expect(told).toEqual(['memory subgraph:legacy']);
  });
});

describe('the latest operation time of a subgraph', () => {
  it('never goes back within a cluster, and follows it to a new one', async () => {
    const invalidator = invalidatorWith();
    const note = (operationTime: string | undefined) =>
      invalidator.apply({ ...CHANGE, operationTime, by: 'feed' });
    expect(invalidator.latestOperationTime('products')).toBeUndefined();
    await note('a@0000000000000009');
    await note('a@0000000000000003');
    await note(undefined);
    await note('no time at all');
    expect(invalidator.latestOperationTime('products')).toBe('a@0000000000000009');
    await note('b@0000000000000001');
    expect(invalidator.latestOperationTime('products')).toBe('b@0000000000000001');
    expect(invalidator.operationTimeIn('products', 'a')).toBe('a@0000000000000009');
    expect(invalidator.latestOperationTime('orders')).toBeUndefined();
  });

  it('is kept for the last few clusters only', async () => {
    const invalidator = invalidatorWith();
    for (let boot = 0; boot < 50; boot++) {
      await invalidator.apply({ ...CHANGE, operationTime: `boot-${boot}@0000000000000001` });
    }
    expect(invalidator.operationTimeIn('products', 'boot-0')).toBeUndefined();
    expect(invalidator.operationTimeIn('products', 'boot-49')).toBeDefined();
  });
});
