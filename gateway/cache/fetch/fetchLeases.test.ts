import { entitiesOf, products } from '../../../test/support/fetchCache/fetchCacheTester.js';
import { openReplicas, type ReplicasOptions } from '../../../test/support/fetchCache/openReplicas.js';
import { ManualTimers } from '../../../test/support/manualTimers.js';
import { describeReal } from '../../../test/support/realParts.js';
import { type RedisServer, startRedis } from '../../../test/support/redis.js';
import { startRedisCluster } from '../../../test/support/redisCluster.js';
import { until } from '../../../test/support/until.js';

type Urls = readonly [string, ...string[]];
type Replica = Awaited<ReturnType<typeof openReplicas>>['replicas'][0];

const query = '{product(id:"p1"){name}}';
const cacheControl = 'max-age=60, stale-while-revalidate=60';
const named = (name: string) => ({ root: { product: { id: 'p1', sku: 's1', name } }, cacheControl });
const answered = (name: string) => ({ data: { product: { name } } });
const tags = ['Product:id=p1'];

/** What gateways on one Redis do, on whatever it is made of. */
function leaseStories(urls: () => Urls): void {
  const open = async (count: number, options?: ReplicasOptions) => {
    const stage = await openReplicas(urls(), count, options);
    const [first, second, third] = stage.replicas as unknown as readonly [Replica, Replica, Replica];
    return { ...stage, first, second, third };
  };

  it('load a hot key once, however many of them miss it', async () => {
    await using stage = await open(10);
    const { replicas, source, leases } = stage;
    const asked = replicas.flatMap(({ ask }) => [ask(query), ask(query)]);
    const load = await source.next();
    await until('the other nine wait', () => leases('held') >= 9);
    await load.answer(named('one'));
    for (const { answer } of asked) expect(await answer).toEqual(answered('one'));
    expect(source.count).toBe(1);
    expect([leases('taken'), leases('overtaken'), leases('expired')]).toEqual([1, 0, 0]);
  });

  it('load it once again when it has run out', async () => {
    await using stage = await open(3);
    const { replicas, first, source, clock, leases } = stage;
    const begun = first.ask(query);
    await (await source.next()).answer({ ...named('old'), cacheControl: 'max-age=60' });
    await begun.answer;
    await first.background.drain();
    clock.now += 61_000;
    const asked = replicas.map(({ ask }) => ask(query));
    const load = await source.next();
    await until('the others wait', () => leases('held') >= 2);
    await load.answer(named('new'));
    for (const { answer } of asked) expect(await answer).toEqual(answered('new'));
    expect(source.count).toBe(2);
  });

  it('ask at once for the entities of a batch that nobody is loading', async () => {
    await using stage = await open(2);
    const { first, second, source } = stage;
    const selection = entitiesOf('...on Product{available}');
    const stock = {
      entity: ({ id }: { id?: unknown }) => ({ id, available: id === 'p1' ? 1 : 2 }),
      cacheControl,
    };
    const one = first.ask(selection, { subgraph: 'inventory', variables: products('p1') });
    const load = await source.next();
    const both = second.ask(selection, { subgraph: 'inventory', variables: products('p1', 'p2') });
    const other = await source.next();
    expect(other.request.variables).toEqual(products('p2'));
    await other.answer(stock);
    await load.answer(stock);
    expect(await one.answer).toEqual({ data: { _entities: [{ available: 1 }] } });
    expect(await both.answer).toEqual({ data: { _entities: [{ available: 1 }, { available: 2 }] } });
    expect(source.count).toBe(2);
  });

  it('serve what may be served stale, and one of them loads it anew', async () => {
    await using stage = await open(3);
    const { replicas, first, source, clock, leases } = stage;
    const begun = first.ask(query);
    await (await source.next()).answer(named('old'));
    await begun.answer;
    await first.background.drain();
    clock.now += 61_000;
    for (const { ask } of replicas) expect(await ask(query).answer).toEqual(answered('old'));
    const load = await source.next();
    expect([source.count, leases('taken'), leases('held')]).toEqual([2, 2, 2]);
    await load.answer(named('new'));
    await Promise.all(replicas.map(({ background }) => background.drain()));
    for (const { ask } of replicas) expect(await ask(query).answer).toEqual(answered('new'));
    expect(source.count).toBe(2);
  });

  it('do not wait for a load that an invalidation has closed, and get the new value', async () => {
    await using stage = await open(3);
    const { first, second, third, source, leases } = stage;
    const early = first.ask(query);
    const old = await source.next();
    const waiting = second.ask(query);
    await until('the second waits', () => leases('held') === 1);
    await third.invalidate('products', tags);
    const late = third.ask(query);
    const fresh = await source.next();
    expect(leases('overtaken')).toBe(1);
    await fresh.answer(named('new'));
    expect(await late.answer).toEqual(answered('new'));
    expect(await waiting.answer).toEqual(answered('new'));
    await old.answer(named('old'));
    expect(await early.answer).toEqual(answered('old'));
    expect(source.count).toBe(2);
    // The first has not heard of the purge, but Redis has.
    await first.background.drain();
    expect(await second.ask(query).answer).toEqual(answered('new'));
  });

  it('go on waiting when something of another subgraph is invalidated', async () => {
    await using stage = await open(2);
    const { first, second, source, leases } = stage;
    const asked = [first.ask(query)];
    const load = await source.next();
    await first.invalidate(
      'inventory',
      tags.map((tag) => `${tag}0`),
    );
    asked.push(second.ask(query));
    await until('the second waits', () => leases('held') === 1);
    await load.answer(named('one'));
    for (const { answer } of asked) expect(await answer).toEqual(answered('one'));
    expect(source.count).toBe(1);
  });

  it('load for themselves when the fill that they wait for is refused', async () => {
    await using stage = await open(2);
    const { first, second, source, leases } = stage;
    const early = first.ask(query);
    const old = await source.next();
    const waiting = second.ask(query);
    await until('the second waits', () => leases('held') === 1);
    // As one that says of no subgraph: what it closes is known only when the load ends.
    await second.store.invalidate({ tags, by: 'operator' });
    await old.answer(named('old'));
    expect(await early.answer).toEqual(answered('old'));
    const fresh = await source.next();
    await fresh.answer(named('new'));
    expect(await waiting.answer).toEqual(answered('new'));
    await second.background.drain();
    first.store.memory.clear();
    expect(await first.ask(query).answer).toEqual(answered('new'));
  });

  it('load one after the other when the load fails, and none waits for its time to be over', async () => {
    await using stage = await open(3);
    const { first, second, third, source, leases } = stage;
    const failing = first.ask(query);
    const load = await source.next();
    const waiting = [second.ask(query), third.ask(query)];
    await until('the others wait', () => leases('held') === 2);
    load.fail(new Error('the subgraph is gone'));
    await expect(failing.answer).rejects.toThrow('the subgraph is gone');
    await (await source.next()).answer(named('one'));
    for (const { answer } of waiting) expect(await answer).toEqual(answered('one'));
    expect(source.count).toBe(2);
  });

  it('load when the client is gone for whom the other one was loading', async () => {
    await using stage = await open(2);
    const { first, second, source, leases } = stage;
    const gone = new AbortController();
    const left = first.ask(query, { signal: gone.signal });
    await source.next();
    const waiting = second.ask(query);
    await until('the second waits', () => leases('held') === 1);
    gone.abort(new Error('gone'));
    await expect(left.answer).rejects.toThrow('gone');
    await (await source.next()).answer(named('one'));
    expect(await waiting.answer).toEqual(answered('one'));
  });

  it('load when the lease of a process that is gone has ended', async () => {
    await using stage = await open(2, { redis: { leaseMs: 100 } });
    const { first, second, source } = stage;
    first.ask(query);
    const lost = await source.next();
    const waiting = second.ask(query);
    await (await source.next()).answer(named('one'));
    expect(await waiting.answer).toEqual(answered('one'));
    lost.fail(new Error('gone'));
  });

  it('wait no longer than they may', async () => {
    const timers = new ManualTimers();
    await using stage = await open(2, { waitMs: 150, timers });
    const { first, second, source, leases } = stage;
    const early = first.ask(query);
    const slow = await source.next();
    const waiting = second.ask(query);
    await until('the second waits', () => timers.pending > 0);
    await timers.advance(149);
    await second.settle();
    expect(source.count).toBe(1);
    await timers.advance(1);
    const own = await source.next();
    expect(leases('expired')).toBe(1);
    await own.answer(named('one'));
    expect(await waiting.answer).toEqual(answered('one'));
    await slow.answer(named('one'));
    await early.answer;
  });

  it('do not wait where nothing is to be kept: once that is known, each loads at once', async () => {
    await using stage = await open(2);
    const { first, second, source, leases } = stage;
    const uncacheable = { ...named('one'), cacheControl: 'no-store' };
    const begun = [first.ask(query), second.ask(query)];
    await (await source.next()).answer(uncacheable);
    await (await source.next()).answer(uncacheable);
    for (const { answer } of begun) expect(await answer).toEqual(answered('one'));
    const before = leases('held');
    const again = [first.ask(query), second.ask(query)];
    for (const load of [await source.next(), await source.next()]) await load.answer(uncacheable);
    for (const { answer } of again) await answer;
    expect(leases('held')).toBe(before);
  });

  it('neither wait nor make others wait with a request that must not be stored', async () => {
    await using stage = await open(2);
    const { first, second, source } = stage;
    const asked = [first.ask(query, { mayStore: false }), second.ask(query)];
    const loads = [await source.next(), await source.next()];
    asked.push(first.ask(query, { mayStore: false, mayRead: false }));
    loads.push(await source.next());
    for (const load of loads) await load.answer(named('one'));
    for (const { answer } of asked) expect(await answer).toEqual(answered('one'));
  });

  it('know nothing of each other where leases are switched off', async () => {
    await using stage = await open(2, { waitMs: 'off' });
    const { first, second, source } = stage;
    const asked = [first.ask(query), second.ask(query)];
    for (const load of [await source.next(), await source.next()]) await load.answer(named('one'));
    for (const { answer } of asked) expect(await answer).toEqual(answered('one'));
  });
}

describeReal('redis', 'gateways on one Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  leaseStories(() => [server.url]);
});

describeReal('redis', 'gateways on a Redis Cluster of three nodes', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  leaseStories(() => cluster.urls);
});

describeReal('redis', 'a gateway that waits while Redis hangs', () => {
  it.each([
    ['loads as soon as Redis has failed to answer', 1_000, 5],
    ['loads when its time is over, at the latest', 60_000, 150],
  ])('%s', async (_, readDeadlineMs, advanceMs) => {
    const timers = new ManualTimers();
    await using server = await startRedis();
    await using stage = await openReplicas([server.url], 2, {
      waitMs: 150,
      timers,
      redis: { readDeadlineMs, writeDeadlineMs: 100 },
    });
    const [first, second] = stage.replicas as unknown as readonly [Replica, Replica];
    const early = first.ask(query);
    const load = await stage.source.next();
    const waiting = second.ask(query);
    await until('the second waits', () => timers.pending > 0);
    server.signal('SIGSTOP');
    await timers.advance(advanceMs);
    await (await stage.source.next()).answer(named('one'));
    expect(await waiting.answer).toEqual(answered('one'));
    expect(stage.leases('expired')).toBe(1);
    await load.answer(named('one'));
    expect(await early.answer).toEqual(answered('one'));
  });
});
