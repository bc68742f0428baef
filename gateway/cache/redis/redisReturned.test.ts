import { silentLogger } from '../../../platform/logger.js';
import { recordFor } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { startRedis } from '../../../test/support/redis.js';
import { until } from '../../../test/support/until.js';
import { gatewayConfigSchema } from '../../config.js';
import { createGatewayMetrics } from '../../metrics/gatewayMetrics.js';
import type { Snapshot } from '../../supergraph/snapshot.js';
import { createCaching } from '../createCaching.js';
import { BucketKeys } from './bucketKeys.js';
import { openRedis } from './openRedis.js';
import { createRedisTier } from './redisTier.js';

const NAMES = new BucketKeys('hg', 1);
/** A busy machine must not look like a slow Redis. */
const PATIENT = { readDeadlineMs: 10_000, writeDeadlineMs: 10_000, invalidateDeadlineMs: 10_000 };
const TAGS = ['Note:id=n1', 'subgraph:notes'];

/** Of a graph with one subgraph, which has no feed. */
const SNAPSHOT = { subgraphs: new Map([['notes', {}]]) } as unknown as Snapshot;

function openCaching(redisUrl: string) {
  const config = gatewayConfigSchema.parse({ cache: { redisUrl } });
  const caching = createCaching(config, createGatewayMetrics(), silentLogger());
  caching.follow(SNAPSHOT);
  return Object.assign(caching, { [Symbol.asyncDispose]: () => caching.close() });
}

describeReal('redis', 'a Redis that comes back without the last purges', () => {
  it('serves nothing that another worker has purged of a subgraph without a feed', async () => {
    await using server = await startRedis();
    const redis = openRedis({ urls: [server.url] });
    await redis.ready();
    // The other worker: this one hears of its purges otherwise, and has not asked Redis since.
    const other = createRedisTier({ ...PATIENT, redis });
    await using caching = openCaching(server.url);
    const read = async () => {
      caching.store.memory.clear();
      const [found] = await caching.store.read(['k']);
      return {
        body: found?.hit?.body,
        isReached: found?.token === undefined || found.token.remote !== undefined,
      };
    };
    const end = Date.now() + 600_000;
    const record = recordFor(TAGS, {
      body: 'old',
      createdAt: Date.now(),
      freshUntil: end,
      staleUntil: end,
      errorUntil: end,
    });
    const [token] = await other.begin(['k']);
    expect(await other.write([{ key: 'k', record, token: token as NonNullable<typeof token> }])).toEqual([
      true,
    ]);
    await until('it is read', async () => (await read()).body === 'old');

    const send = (...args: string[]) => redis.send('k', args);
    const guard = (await send('HGETALL', NAMES.guard(0))) as string[];
    const text = (await send('GET', NAMES.record(0, 'k'))) as string;
    await other.invalidate(TAGS);
    await Promise.all([
      send('MULTI'),
      send('DEL', NAMES.guard(0)),
      send('HSET', NAMES.guard(0), ...guard),
      send('SET', NAMES.record(0, 'k'), text),
      send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
      send('EXEC'),
    ]);
    const bodies = new Set<string | undefined>();
    await until('it is used again', async () => {
      const { body, isReached } = await read();
      bodies.add(body);
      return isReached;
    });
    expect([...bodies]).toEqual([undefined]);
    await other.close();
  });
});
