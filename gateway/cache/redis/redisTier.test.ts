import { cacheTierContract } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { type RedisCluster, startRedisCluster } from '../../../test/support/redisCluster.js';
import { openRedisStage } from '../../../test/support/redisStage.js';

describeReal('redis', 'the Redis tier on one server', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  cacheTierContract(
    () => openRedisStage([server.url]),
    (stage) => stage[Symbol.asyncDispose](),
    ['putRaw', 'loseGuards', 'loseEverything'],
  );
});

describeReal('redis', 'the Redis tier on a cluster of three nodes', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  cacheTierContract(
    () => openRedisStage(cluster.urls),
    (stage) => stage[Symbol.asyncDispose](),
    ['putRaw', 'loseGuards', 'loseEverything'],
  );
});
