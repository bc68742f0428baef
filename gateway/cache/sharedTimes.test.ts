import { formatOperationTime } from '../../platform/database/operationTime.js';
import { silentLogger } from '../../platform/logger.js';
import { describeReal } from '../../test/support/realParts.js';
import { startRedis } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { gatewayConfigSchema } from '../config.js';
import type { SubgraphRequest } from '../execution/types.js';
import { createGatewayMetrics } from '../metrics/gatewayMetrics.js';
import type { RequestContext } from '../requestContext.js';
import type { Snapshot } from '../supergraph/snapshot.js';
import { ConsistencyToken } from './consistencyToken.js';
import { createCaching } from './createCaching.js';
import { AFTER_HEADER } from './fetch/loadHeaders.js';
import { openRedis } from './redis/openRedis.js';
import { createRedisTier } from './redis/redisTier.js';
import { ResponseFacts } from './responseFacts.js';

const at = (time: number) => formatOperationTime('rs0', BigInt(time));

/** Of a graph with one subgraph, of whose queries nothing is known. */
const SNAPSHOT = {
  subgraphs: new Map([['notes', {}]]),
  tagger: { tagsFor: () => undefined, fingerprint: () => undefined },
} as unknown as Snapshot;
/** A busy machine must not look like a slow Redis. */
const PATIENT = { readDeadlineMs: 10_000, invalidateDeadlineMs: 10_000 };
const REQUEST = { subgraph: 'notes', operationKind: 'query', query: '{ note }' } as SubgraphRequest;

/** A gateway, and another one's way to the same Redis, by which it tells and hears nothing else. */
async function open(redisUrl: string) {
  const config = gatewayConfigSchema.parse({ cache: { redisUrl } });
  const caching = createCaching(config, createGatewayMetrics(), silentLogger());
  caching.follow(SNAPSHOT);
  const heard: string[] = [];
  const onOperationTime = (...news: string[]) => void heard.push(news.join(' '));
  const redis = openRedis({ urls: [redisUrl] });
  await redis.ready();
  const other = createRedisTier({ ...PATIENT, redis, onOperationTime });
  const sent: (string | undefined)[] = [];
  const ask = caching.wrap(SNAPSHOT, async (_request, { headers }) => {
    sent.push(headers[AFTER_HEADER]);
    return { data: {} };
  });
  return {
    ...{ caching, other, heard },
    /** What the subgraph is told about how new its answer has to be. */
    async demanded(): Promise<string | undefined> {
      const cache = { mayRead: true, mayStore: true, facts: new ResponseFacts() };
      const consistency = { seen: ConsistencyToken.EMPTY, written: [] };
      await ask(REQUEST, { headers: {}, cache, consistency } as unknown as RequestContext);
      return sent.at(-1);
    },
    async [Symbol.asyncDispose]() {
      await caching.close();
      await other.close();
    },
  };
}

describeReal('redis', 'a gateway on a Redis that others purge as well', () => {
  it('demands of its loads what others have purged by, with the permission to keep them', async () => {
    await using server = await startRedis();
    await using stage = await open(server.url);
    expect(await stage.demanded()).toBeUndefined();
    await stage.other.invalidate(['Note:id=n1'], { notes: at(7) });
    await until('it has a permission', async () => {
      const [token] = await stage.caching.store.begin(['k']);
      return token?.remote !== undefined;
    });
    expect(await stage.demanded()).toBe(at(7));
  });

  it('tells the others how new the data was by which it has purged', async () => {
    await using server = await startRedis();
    await using stage = await open(server.url);
    const change = { source: 'notes', tags: ['Note:id=n1'], operationTime: at(9), by: 'mutation' } as const;
    await stage.caching.invalidator.apply(change);
    await until('Redis was told', () => stage.caching.store.owedTags === 0);
    await stage.other.begin(['k']);
    expect(stage.heard).toEqual([`notes ${at(9)}`]);
  });
});
