import { Registry } from 'prom-client';
import { formatOperationTime } from '../../platform/database/operationTime.js';
import { silentLogger } from '../../platform/logger.js';
import { parsePrometheus } from '../../test/support/parsePrometheus.js';
import { createInvalidator } from '../cache/invalidate/invalidator.js';
import { createInvalidationMetrics } from './invalidationMetrics.js';

const NOW = 1_700_000_100_000;

function start() {
  const registry = new Registry();
  const held: (() => void)[] = [];
  const invalidator = createInvalidationMetrics(registry, () => NOW).measure(
    createInvalidator({
      origin: 'a',
      targets: [
        {
          scope: 'process',
          name: 'held',
          invalidate: () => new Promise<void>((resolve) => void held.push(resolve)),
        },
      ],
      sourcesWithoutFeed: () => [],
      logger: silentLogger(),
    }),
  );
  const samples = async (name: string) => parsePrometheus(await registry.metrics()).get(name)?.samples ?? [];
  return { invalidator, held, samples };
}

describe('createInvalidationMetrics', () => {
  it('counts an invalidation by how it became known, and times it until it is applied', async () => {
    const { invalidator, held, samples } = start();
    const applying = invalidator.apply({ source: 'products', tags: ['a'], by: 'mutation' });
    expect(await samples('headgate_invalidation_duration_seconds')).toEqual([]);
    held[0]?.();
    await applying;
    const count = (await samples('headgate_invalidation_duration_seconds')).find(({ name }) =>
      name.endsWith('_count'),
    );
    expect(count).toMatchObject({ labels: { by: 'mutation' }, value: 1 });
    expect(await samples('headgate_invalidations_total')).toContainEqual(
      expect.objectContaining({ labels: { by: 'mutation' }, value: 1 }),
    );
  });

  it('tells how old a change of MongoDB is when its event is applied', async () => {
    const { invalidator, held, samples } = start();
    const changedAt = BigInt(NOW / 1000 - 4) << 32n;
    const operationTime = formatOperationTime('shop', changedAt | 7n);
    const applying = invalidator.apply({ source: 'products', tags: ['a'], operationTime, by: 'feed' });
    held[0]?.();
    await applying;
    const lag = await samples('headgate_feed_event_lag_seconds');
    expect(lag.find(({ name }) => name.endsWith('_sum'))).toMatchObject({
      labels: { subgraph: 'products' },
      value: 4,
    });
  });

  it.each([
    ['of an embedded database, which is a counter', formatOperationTime('boot-1', 12n), 'feed'],
    ['that is none', 'yesterday', 'feed'],
    ['of a mutation, which has no event', formatOperationTime('shop', 1_700_000_000n << 32n), 'mutation'],
  ] as const)('takes no age from a time %s', async (_which, operationTime, by) => {
    const { invalidator, held, samples } = start();
    const applying = invalidator.apply({ source: 'products', tags: ['a'], operationTime, by });
    held[0]?.();
    await applying;
    expect(await samples('headgate_feed_event_lag_seconds')).toEqual([]);
  });
});
