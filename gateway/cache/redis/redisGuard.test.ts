import { bodiesOf, fill, recordFor, STAGE_START, tokenFor } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { openRedisStage } from '../../../test/support/redisStage.js';
import { encodeEnvelope } from './envelope.js';
import { createRedisTier } from './redisTier.js';

describeReal('redis', 'what the Redis tier keeps', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('is the same envelope for Keyv on KeyvRedis', async () => {
    await using stage = await openRedisStage([server.url]);
    const { keyv } = stage.redis;
    const record = recordFor(['Product:id=p1'], { body: '{"name":"Grüner Tee"}' });
    await fill(stage.tier, 'a', record);
    const name = stage.names.record(0, 'a');
    const stamped = await keyv.get(name);
    expect(stamped?.record).toEqual(record);
    if (stamped === undefined) throw new Error('Keyv does not see it');
    await keyv.set(stage.names.record(0, 'b'), stamped, 60_000);
    expect((await stage.tier.read(['b']))[0]?.hit).toEqual(record);
    await stage.tier.invalidate(['Product:id=p1']);
    expect(await bodiesOf(stage.tier, ['a', 'b'])).toEqual([undefined, undefined]);
    // Whoever finds it stale takes it away.
    expect(await keyv.get(name)).toBeUndefined();
  });

  it('ends with the last of its times, or with the longest lifetime', async () => {
    await using stage = await openRedisStage([server.url], { maxLifetimeMs: 5_000 });
    const ttlOf = async (key: string) => Number(await stage.command('', 'PTTL', stage.names.record(0, key)));
    await fill(
      stage.tier,
      'short',
      recordFor(['t'], { freshUntil: STAGE_START + 500, errorUntil: STAGE_START + 2_000 }),
    );
    await fill(stage.tier, 'long', recordFor(['t']));
    expect(await ttlOf('short')).toBeLessThanOrEqual(2_000);
    expect(await ttlOf('short')).toBeGreaterThan(0);
    expect(await ttlOf('long')).toBeLessThanOrEqual(5_000);
    expect(await ttlOf('long')).toBeGreaterThan(2_000);
  });

  it('never goes back in its sequence, even when the guard was lost or restored', async () => {
    await using stage = await openRedisStage([server.url]);
    const guard = stage.names.guard(0);
    const sequence = async () => BigInt(String(await stage.command('', 'HGET', guard, '#s')));
    await stage.tier.invalidate(['x']);
    const first = await sequence();
    await stage.loseGuards();
    await stage.tier.invalidate(['x']);
    const second = await sequence();
    expect(second).toBeGreaterThan(first);
    await stage.tier.invalidate(['x']);
    expect(await sequence()).toBe(second + 1n);
  });

  it('counts everything as purged when the server is behind what was seen of it', async () => {
    await using stage = await openRedisStage([server.url]);
    const guard = stage.names.guard(0);
    await fill(stage.tier, 'a', recordFor(['x']));
    const token = await tokenFor(stage.tier, 'b');
    const backup = (await stage.command('', 'HGETALL', guard)) as string[];
    await stage.tier.invalidate(['x']);
    await stage.command('', 'DEL', guard);
    await stage.command('', 'HSET', guard, ...backup);
    expect(await bodiesOf(stage.tier, ['a'])).toEqual([undefined]);
    expect(await stage.tier.write([{ key: 'b', record: recordFor(['x']), token }])).toEqual([false]);
    expect(await bodiesOf(stage.other, ['a'])).toEqual([undefined]);
  });

  it('refuses what was loaded before a purge of everything, also when the numbers were taken back before it', async () => {
    await using stage = await openRedisStage([server.url]);
    const { tier, other } = stage;
    const guard = stage.names.guard(0);
    await other.invalidate(['y']);
    const backup = (await stage.command('', 'HGETALL', guard)) as string[];
    for (let times = 0; times < 3; times++) await tier.invalidate(['y']);
    const token = await tokenFor(tier, 'a');
    await stage.command('', 'HSET', guard, ...backup);
    await other.purgeEverything();
    // Beyond the number of the load: nothing looks as if it had gone back.
    for (let times = 0; times < 3; times++) await other.invalidate(['y']);
    expect(await tier.write([{ key: 'a', record: recordFor(['x']), token }])).toEqual([false]);
  });

  it('takes a record of another incarnation for a miss, whatever its sequence', async () => {
    await using stage = await openRedisStage([server.url]);
    await stage.tier.invalidate(['y']);
    const sequence = String(await stage.command('', 'HGET', stage.names.guard(0), '#s'));
    const envelope = encodeEnvelope({ record: recordFor(['x']), incarnation: 'ffff', sequence });
    await stage.putRaw('a', envelope);
    expect(await bodiesOf(stage.tier, ['a'])).toEqual([undefined]);
  });

  it('survives a guard of another type, or with fields that make no sense', async () => {
    await using stage = await openRedisStage([server.url]);
    const guard = stage.names.guard(0);
    await fill(stage.tier, 'a', recordFor(['x']));
    await stage.command('', 'SET', guard, 'hello');
    expect(await bodiesOf(stage.tier, ['a'])).toEqual([undefined]);
    expect(await fill(stage.tier, 'a', recordFor(['x']))).toBe(true);
    await stage.command('', 'HSET', guard, '#s', 'many');
    expect(await bodiesOf(stage.tier, ['a'])).toEqual([undefined]);
    await stage.command('', 'HDEL', guard, '#f');
    expect(await fill(stage.tier, 'a', recordFor(['x']))).toBe(true);
    await stage.command('', 'DEL', stage.names.record(0, 'a'));
    await stage.command('', 'LPUSH', stage.names.record(0, 'a'), 'x');
    expect(await stage.tier.count(['x'])).toBe(0);
    expect(await bodiesOf(stage.tier, ['a'])).toEqual([undefined]);
  });

  it('remembers no more tags than it may, and takes what is older for stale', async () => {
    await using stage = await openRedisStage([server.url], { maxInvalidatedTags: 100 });
    await fill(stage.tier, 'old', recordFor(['unrelated']));
    const token = await tokenFor(stage.tier, 'a');
    for (let round = 0; round < 30; round++) {
      await stage.tier.invalidate(Array.from({ length: 10 }, (_, index) => `tag ${round} ${index}`));
    }
    const fields = Number(await stage.command('', 'HLEN', stage.names.guard(0)));
    expect(fields).toBeLessThanOrEqual(100);
    expect(await bodiesOf(stage.tier, ['old'])).toEqual([undefined]);
    expect(await stage.tier.write([{ key: 'a', record: recordFor(['unrelated']), token }])).toEqual([false]);
    expect(await fill(stage.tier, 'a', recordFor(['unrelated']))).toBe(true);
  });

  it('forgets tags once nothing that is older than them can still live', async () => {
    await using stage = await openRedisStage([server.url]);
    const { redis, names, tier } = stage;
    // To it, a record lives for no time at all: whatever it has invalidated before can be forgotten.
    const hasty = createRedisTier({
      redis,
      namespace: names.namespace,
      invalidateDeadlineMs: 10_000,
      maxLifetimeMs: 0,
    });
    const tags = Array.from({ length: 500 }, (_, index) => `tag ${index}`);
    await tier.invalidate(tags);
    const token = await tokenFor(tier, 'a');
    const fields = async () => Number(await stage.command('', 'HLEN', names.guard(0)));
    expect(await fields()).toBeGreaterThan(500);
    for (let round = 0; round < 200; round++) await hasty.invalidate([`hasty ${round}`]);
    expect(await fields()).toBeLessThan(100);
    // Their numbers are gone, so that nothing that began before can be told from what is stale.
    expect(await tier.write([{ key: 'a', record: recordFor(['tag 499']), token }])).toEqual([false]);
    expect(await fill(tier, 'a', recordFor(['tag 499']))).toBe(true);
    await hasty.invalidate(['tag 499']);
    expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
  });

  it('counts each record once, on all buckets', async () => {
    await using stage = await openRedisStage([server.url], { buckets: 5 });
    const keys = Array.from({ length: 700 }, (_, index) => `key ${index}`);
    const tokens = await stage.tier.begin(keys);
    const stored = await stage.tier.write(
      keys.map((key, index) => ({
        key,
        record: recordFor(['all', `part:${index % 7}`]),
        token: tokens[index] as never,
      })),
    );
    expect(stored.every(Boolean)).toBe(true);
    expect(await stage.tier.count(['part:3', 'all'])).toBe(700);
    expect(await stage.tier.count(['part:3', 'part:4'])).toBe(200);
    await stage.other.invalidate(['part:3']);
    expect(await stage.tier.count(['all'])).toBe(600);
    await stage.other.purgeEverything();
    expect(await stage.tier.count(['all'])).toBe(0);
    expect((await stage.tier.read(keys)).every(({ hit }) => hit === undefined)).toBe(true);
  });

  it('shares nothing with another namespace', async () => {
    await using stage = await openRedisStage([server.url]);
    await using neighbour = await openRedisStage([server.url]);
    await fill(stage.tier, 'a', recordFor(['x']));
    expect(await bodiesOf(neighbour.tier, ['a'])).toEqual([undefined]);
    await neighbour.tier.invalidate(['x']);
    expect((await bodiesOf(stage.tier, ['a']))[0]).toBeDefined();
    expect(await neighbour.tier.count(['x'])).toBe(0);
  });

  it('refuses a namespace that would mean something in a pattern', async () => {
    await using stage = await openRedisStage([server.url]);
    expect(() => createRedisTier({ redis: stage.redis, namespace: 'a*' })).toThrow('namespace');
  });
});
