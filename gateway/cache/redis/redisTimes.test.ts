import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { openRedisStage } from '../../../test/support/redisStage.js';

const at = (time: number, cluster = 'rs0') => `${cluster}@${time.toString(16).padStart(16, '0')}`;

describeReal('redis', 'how new a load has to be that is kept in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  async function openStage(maxInvalidatedTags = 100) {
    const heard: Record<string, string> = {};
    const onOperationTime = (subgraph: string, time: string) => {
      heard[subgraph] = time;
    };
    const stage = await openRedisStage([server.url], { onOperationTime, maxInvalidatedTags });
    const { other } = stage;
    return {
      stage,
      async heardWith(take: 'read' | 'begin') {
        for (const subgraph of Object.keys(heard)) delete heard[subgraph];
        await other[take](['a']);
        return { ...heard };
      },
    };
  }

  it.each(['read', 'begin'] as const)('is known with the permission for it, by %s', async (take) => {
    const { stage, heardWith } = await openStage();
    await using _closed = stage;
    expect(await heardWith(take)).toEqual({});
    await stage.tier.invalidate(['x'], { products: at(3), orders: at(1) });
    expect(await heardWith(take)).toEqual({ products: at(3), orders: at(1) });
  });

  it('never goes back within a cluster, and follows a subgraph to a new one', async () => {
    const { stage, heardWith } = await openStage();
    await using _closed = stage;
    await stage.tier.invalidate(['x'], { products: at(0xff) });
    await stage.tier.invalidate(['y'], { products: at(0x10), orders: at(1) });
    expect(await heardWith('begin')).toEqual({ products: at(0xff), orders: at(1) });
    await stage.tier.invalidate(['y'], { products: at(2, 'rs1') });
    expect(await heardWith('begin')).toEqual({ products: at(2, 'rs1'), orders: at(1) });
  });

  it('outlives the memory of tags, and a purge of everything', async () => {
    const { stage, heardWith } = await openStage(5);
    await using _closed = stage;
    await stage.tier.invalidate(
      Array.from({ length: 10 }, (_, index) => `tag ${index}`),
      { products: at(3) },
    );
    expect(await heardWith('begin')).toEqual({ products: at(3) });
    await stage.tier.purgeEverything({ products: at(4) });
    expect(await heardWith('begin')).toEqual({ products: at(4) });
  });

  it('is known as well to who takes a permission in the middle of a purge of everything', async () => {
    const { stage, heardWith } = await openStage();
    await using _closed = stage;
    const { redis, tier } = stage;
    await tier.invalidate(['x'], { products: at(3) });
    const heard: unknown[] = [];
    const send = redis.send.bind(redis);
    jest.spyOn(redis, 'send').mockImplementation(async (...command) => {
      const reply = await send(...command);
      heard.push(await heardWith('begin'));
      return reply;
    });
    await tier.purgeEverything({ products: at(4) });
    expect(heard).toEqual([{ products: at(4) }]);
  });

  it('is told anew when what is there makes no sense', async () => {
    const { stage, heardWith } = await openStage();
    await using _closed = stage;
    for (const damaged of ['{', '7', '{"products":7}']) {
      await stage.command(stage.names.guard(0), 'HSET', stage.names.guard(0), '#o', damaged);
      expect(await heardWith('begin')).toEqual({});
      await stage.tier.invalidate(['x'], { products: at(3) });
      expect(await heardWith('begin')).toEqual({ products: at(3) });
    }
  });
});
