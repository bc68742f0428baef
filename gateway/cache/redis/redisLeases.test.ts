import { recordFor, STAGE_START } from '../../../test/support/cacheTierContract.js';
import { describeReal } from '../../../test/support/realParts.js';
import { startRedis } from '../../../test/support/redis.js';
import { type RedisCluster, startRedisCluster } from '../../../test/support/redisCluster.js';
import { openRedisStage, type RedisStage } from '../../../test/support/redisStage.js';
import { until } from '../../../test/support/until.js';
import type { FillToken, TierRead } from '../cacheTier.js';
import { subgraphTag } from '../invalidation.js';
import { leaseTag } from '../lease.js';
import type { RedisTier, RedisTierOptions } from './redisTier.js';

const source = 'products';

async function take(tier: RedisTier, key = 'a'): Promise<TierRead> {
  return (await tier.read([key], { source, mode: 'take' }))[0] as TierRead;
}

async function look(tier: RedisTier, key = 'a'): Promise<TierRead['lease']> {
  return (await tier.read([key], { source, mode: 'look' }))[0]?.lease;
}

const tokenOf = ({ token }: TierRead): FillToken => {
  if (token === undefined) throw new Error('expected a token');
  return token;
};

function leaseContract(urls: () => readonly [string, ...string[]]): void {
  let stage: RedisStage;
  let tier: RedisTier;
  let other: RedisTier;

  beforeEach(async () => {
    stage = await openRedisStage(urls(), { leaseMs: 60_000 });
    ({ tier, other } = stage);
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  it('is had by one process, which does not wait for itself', async () => {
    expect((await take(tier)).lease).toBe('taken');
    expect((await take(other)).lease).toBe('held');
    expect((await take(tier)).lease).toBeUndefined();
    expect(await look(other)).toBe('held');
  });

  it('is not taken by one who only looks, nor by one who does not ask for it', async () => {
    expect(await look(tier)).toBeUndefined();
    await tier.read(['a']);
    await tier.begin(['a']);
    expect((await take(other)).lease).toBe('taken');
  });

  it('is of one key: each of a batch has its own, over all slots', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
    const odd = keys.filter((_, index) => index % 2 === 1);
    await other.read(odd, { source, mode: 'take' });
    const reads = await tier.read(keys, { source, mode: 'take' });
    expect(reads.map(({ lease }) => lease)).toEqual(
      keys.map((_, index) => (index % 2 === 1 ? 'held' : 'taken')),
    );
  });

  it('is not taken for what is fresh, but for what no longer is', async () => {
    const token = tokenOf(await take(tier));
    const record = recordFor(['x'], { staleUntil: STAGE_START + 120_000 });
    expect(await tier.write([{ key: 'a', record, token }])).toEqual([true]);
    expect(await take(other)).toEqual({ hit: record, token: undefined, lease: undefined });
    stage.advance(60_000);
    expect(await take(other)).toEqual({ hit: record, token: expect.anything(), lease: 'taken' });
    expect(await take(tier)).toMatchObject({ hit: record, lease: 'held' });
  });

  it('ends with the fill, stored or refused, and with that alone', async () => {
    const [a, b] = [tokenOf(await take(tier, 'a')), tokenOf(await take(tier, 'b'))];
    await other.invalidate(['y']);
    const fills = [
      { key: 'a', record: recordFor(['x'], { freshUntil: STAGE_START + 10 }), token: a },
      { key: 'b', record: recordFor(['y']), token: b },
    ];
    expect((await take(other, 'a')).lease).toBe('held');
    expect(await tier.write(fills)).toEqual([true, false]);
    stage.advance(10);
    expect([(await take(other, 'a')).lease, (await take(other, 'b')).lease]).toEqual(['taken', 'taken']);
    await tier.release([a, b]);
    expect([(await take(tier, 'a')).lease, (await take(tier, 'b')).lease]).toEqual(['held', 'held']);
  });

  it('can be given back, by the one who has it', async () => {
    const token = tokenOf(await take(tier));
    await other.release([tokenOf(await take(other))]);
    expect(await look(other)).toBe('held');
    await tier.release([token]);
    expect((await take(other)).lease).toBe('taken');
  });

  it.each([
    ['of its source', [leaseTag(source)]],
    ['of everything of its subgraph', [subgraphTag(source)]],
  ])('is closed by an invalidation %s: the next one takes it over', async (_, tags) => {
    const early = tokenOf(await take(tier));
    await other.invalidate(tags);
    expect(await look(other)).toBeUndefined();
    expect((await take(other)).lease).toBe('overtaken');
    // What ends late ends its own lease only.
    await tier.write([{ key: 'a', record: recordFor(tags), token: early }]);
    expect((await take(tier)).lease).toBe('held');
  });

  it('is not closed by what happens to others', async () => {
    await take(tier);
    await other.invalidate([leaseTag('inventory'), subgraphTag('inventory'), 'Product:id=p1']);
    expect(await look(other)).toBe('held');
  });

  it('is lost with the memory of invalidations', async () => {
    await take(tier);
    await stage.loseGuards();
    expect((await take(other)).lease).toBe('overtaken');
  });

  it('may have been overwritten by something else', async () => {
    const name = stage.names.lease(stage.names.bucketOf('a'), 'a');
    await stage.command(name, 'HSET', name, 'what', 'else');
    expect((await take(tier)).lease).toBe('taken');
  });
}

describeReal('redis', 'a lease on one server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  leaseContract(() => [server.url]);

  const openStage = (options: Partial<RedisTierOptions>) => openRedisStage([server.url], options);

  it('ends by itself', async () => {
    await using stage = await openStage({ leaseMs: 30 });
    expect((await take(stage.tier)).lease).toBe('taken');
    await until('it has ended', async () => (await take(stage.other)).lease === 'taken');
  });

  it('is given back when the answer came too late for the one who asked', async () => {
    await using own = await startRedis();
    await using stage = await openRedisStage([own.url], { leaseMs: 60_000, readDeadlineMs: 1_000 });
    await Promise.all([take(stage.tier, 'warm'), take(stage.other, 'warm')]);
    own.signal('SIGSTOP');
    expect(await take(stage.tier)).toEqual({ token: undefined });
    own.signal('SIGCONT');
    await until('another can take it', async () => (await take(stage.other)).lease === 'taken');
  });

  it('is not to be had from a server without memory, which still gives what it has', async () => {
    await using own = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
    await using stage = await openRedisStage([own.url]);
    const { tier } = stage;
    const token = tokenOf(await take(tier));
    await tier.write([{ key: 'a', record: recordFor(['x']), token }]);
    await stage.command('any', 'CONFIG', 'SET', 'maxmemory', '1');
    const reads = await tier.read(['a', 'b'], { source, mode: 'take' });
    expect(reads).toEqual([
      { hit: expect.anything(), token: undefined, lease: undefined },
      { token: expect.anything(), lease: undefined },
    ]);
    expect(tier.breaker.state).toBe('closed');
  });
});

describeReal('redis', 'a lease on a cluster of three nodes', () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  leaseContract(() => cluster.urls);
});
