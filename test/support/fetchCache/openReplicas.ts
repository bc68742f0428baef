import { randomUUID } from 'node:crypto';
import { openRedis } from '../../../gateway/cache/redis/openRedis.js';
import { createRedisTier, type RedisTierOptions } from '../../../gateway/cache/redis/redisTier.js';
import type { TieredCacheOptions } from '../../../gateway/cache/tieredCache.js';
import { createFetchCacheTester, newSharedParts } from './fetchCacheTester.js';

export interface ReplicasOptions extends Pick<TieredCacheOptions<unknown>, 'timers'> {
  /** @default 60000, a minute; `off` for gateways that do not wait for each other */
  readonly waitMs?: number | 'off';
  readonly redis?: Partial<RedisTierOptions>;
}

/** A busy machine must not look like a slow Redis, nor like a load that takes too long. */
const PATIENT = { readDeadlineMs: 10_000, writeDeadlineMs: 10_000, invalidateDeadlineMs: 10_000 };

/** Gateways before the same subgraphs, on one Redis, in a namespace of their own. Leases last until they are released. */
export async function openReplicas(
  urls: readonly [string, ...string[]],
  count: number,
  { waitMs = 60_000, timers, redis: tierOptions }: ReplicasOptions = {},
) {
  const shared = newSharedParts();
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const now = () => shared.clock.now;
  const replicas = await Promise.all(
    Array.from({ length: count }, async () => {
      const redis = openRedis({ urls });
      await redis.ready();
      const remote = createRedisTier({
        redis,
        namespace,
        now,
        leaseMs: 60_000,
        ...PATIENT,
        ...tierOptions,
      });
      const leases = waitMs === 'off' ? undefined : { waitMs };
      return createFetchCacheTester({}, { ...shared, tiers: { remote, timers, leases } });
    }),
  );
  return {
    ...shared,
    replicas,
    /** Of all replicas together. */
    leases(what: keyof NonNullable<(typeof replicas)[0]['store']['leaseStats']>): number {
      return replicas.reduce((sum, { store }) => sum + (store.leaseStats?.[what] ?? 0), 0);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        replicas.map(async ({ background, store }) => {
          await background.drain();
          await store.close();
        }),
      );
    },
  };
}
