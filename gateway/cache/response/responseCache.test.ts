import { createBackgroundWork } from '../fetch/backgroundWork.js';
import { createKeyvTier } from '../keyvTier.js';
import { EntryLink, MemoryStore } from '../memoryStore.js';
import type { RemoteTier } from '../remoteTier.js';
import { TieredCache } from '../tieredCache.js';
import type { ClientWatch } from './clientWatch.js';
import type { PreparedResponse } from './preparedResponse.js';
import {
  type AnswerOptions,
  createResponseCache,
  type LoadedResponse,
  type ResponseOutcome,
} from './responseCache.js';

const T0 = 1_800_000_000_000;
const KEYS = { shared: 'r:1', scoped: 'r:1:anonymous' };
const ADA = { shared: 'r:1', scoped: 'r:1:ada' };

function response(body: string, change: Partial<LoadedResponse> = {}): LoadedResponse {
  const tags = ['Product:id=p1', 'subgraph:products'];
  const times = { createdAt: T0, freshUntil: T0 + 1_000, staleUntil: T0 + 1_000, errorUntil: T0 + 1_000 };
  return {
    status: 200,
    headers: new Map(),
    contentType: 'application/json',
    body,
    facts: { tags, ...times, scope: 'public' },
    identityBound: false,
    private: false,
    composed: false,
    apart: false,
    ...change,
  };
}

/** A source whose answers are held until the test lets them go. */
function heldSource() {
  const calls: { answer(loaded: LoadedResponse): void; fail(error: Error): void; signal: AbortSignal }[] = [];
  const load = (signal: AbortSignal) =>
    new Promise<LoadedResponse>((resolve, reject) => calls.push({ answer: resolve, fail: reject, signal }));
  return { calls, load };
}

function watch(signal: AbortSignal): ClientWatch {
  return {
    signal,
    whenGone(leave) {
      if (signal.aborted) leave(signal.reason);
      else signal.addEventListener('abort', () => leave(signal.reason));
    },
  };
}

function setUp(remote?: RemoteTier) {
  let now = T0;
  let trusted = true;
  const clock = () => now;
  const store = new TieredCache<PreparedResponse>({
    memory: new MemoryStore({ maxBytes: 10_000_000, now: clock }),
    remote,
    now: clock,
  });
  const background = createBackgroundWork(() => {});
  const cache = createResponseCache({ store, isTrusted: () => trusted, now: clock, background });
  const source = heldSource();
  const ask = (change: Partial<AnswerOptions> = {}) =>
    cache.answer({
      keys: KEYS,
      mayRead: true,
      mayStore: true,
      mayJoin: true,
      client: watch(new AbortController().signal),
      load: source.load,
      ...change,
    });
  return {
    cache,
    store,
    background,
    source,
    ask,
    /** As the invalidator does it. */
    purge(tag = 'Product:id=p1') {
      cache.closeLoads();
      store.invalidateMemory({ tags: [tag], by: 'mutation' });
    },
    pass: (ms: number) => {
      now += ms;
    },
    trust: (value: boolean) => {
      trusted = value;
    },
    /** Lets everything run that waits for nothing but its turn. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

function textOf(outcome: ResponseOutcome | undefined): string | undefined {
  if (outcome === undefined) return undefined;
  if (outcome.kind === 'loaded') return outcome.loaded.body;
  const ready = outcome.prepared.representation('identity');
  return ready instanceof Promise ? undefined : ready.body.toString();
}

describe('the response cache', () => {
  it('loads once, then answers from memory without a load', async () => {
    const { cache, source, ask } = setUp();
    const first = ask();
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    source.calls[0]?.answer(response('{"a":1}'));
    expect(await first).toMatchObject({ cacheStatus: 'miss; stored' });
    expect(cache.peek(KEYS)).toMatchObject({ cacheStatus: 'hit; tier=memory' });
    expect(textOf(await ask())).toBe('{"a":1}');
    expect(source.calls).toHaveLength(1);
  });

  it('finds an answer by its link as by its key, and never one that was purged', async () => {
    const { cache, source, ask, settle, purge } = setUp();
    const keys = { ...KEYS, link: new EntryLink<PreparedResponse>() };
    for (const body of ['"before"', '"after"']) {
      expect(cache.peek(keys)).toBeUndefined();
      const asked = ask({ keys });
      await settle();
      source.calls.at(-1)?.answer(response(body));
      await asked;
      for (let again = 0; again < 2; again++) expect(textOf(cache.peek(keys))).toBe(body);
      // Of somebody else with the same shared key, and without a link.
      expect(textOf(cache.peek(ADA))).toBe(body);
      purge();
    }
  });

  it('lets equal requests wait for one load', async () => {
    const { source, ask, settle } = setUp();
    const waiting = [ask(), ask(), ask()];
    await settle();
    expect(source.calls).toHaveLength(1);
    source.calls[0]?.answer(response('{"a":1}'));
    expect((await Promise.all(waiting)).map(textOf)).toEqual(['{"a":1}', '{"a":1}', '{"a":1}']);
  });

  it('never joins what may be a write', async () => {
    const { source, ask, settle } = setUp();
    void ask({ mayJoin: false });
    void ask({ mayJoin: false });
    await settle();
    expect(source.calls).toHaveLength(2);
  });

  it('does not keep what was loaded before an invalidation, yet answers those who waited', async () => {
    const { cache, source, ask, purge, settle } = setUp();
    const before = ask();
    await settle();
    purge();
    source.calls[0]?.answer(response('"old"'));
    expect(textOf(await before)).toBe('"old"');
    expect(cache.peek(KEYS)).toBeUndefined();
  });

  it('lets nobody who comes after an invalidation join a load from before it', async () => {
    const { cache, source, ask, purge, settle } = setUp();
    const before = ask();
    await settle();
    purge();
    const after = ask();
    await settle();
    expect(source.calls).toHaveLength(2);
    source.calls[1]?.answer(response('"new"'));
    expect(textOf(await after)).toBe('"new"');
    source.calls[0]?.answer(response('"old"'));
    expect(textOf(await before)).toBe('"old"');
    expect(textOf(cache.peek(KEYS))).toBe('"new"');
  });

  it('refuses a background refresh that began before an invalidation', async () => {
    const { cache, source, ask, purge, pass, settle, background } = setUp();
    const first = ask();
    await settle();
    const facts = { ...(response('').facts as NonNullable<LoadedResponse['facts']>), staleUntil: T0 + 9_000 };
    source.calls[0]?.answer(response('"old"', { facts }));
    await first;
    pass(2_000);
    expect(await ask()).toMatchObject({ cacheStatus: 'stale; tier=memory' });
    await settle();
    expect(source.calls).toHaveLength(2);
    purge();
    source.calls[1]?.answer(response('"still old"', { facts: { ...facts, freshUntil: T0 + 60_000 } }));
    await background.drain();
    expect(cache.peek(KEYS)).toBeUndefined();
  });

  it('serves the stale answer to all who ask while it is loaded anew, once', async () => {
    const { cache, source, ask, pass, settle, background } = setUp();
    const first = ask();
    await settle();
    const facts = { ...(response('').facts as NonNullable<LoadedResponse['facts']>), staleUntil: T0 + 9_000 };
    source.calls[0]?.answer(response('"old"', { facts }));
    await first;
    pass(2_000);
    const atOnce = await Promise.all([ask(), ask(), ask({ mayJoin: false })]);
    const later = await Promise.race([ask(), settle().then(() => 'waits for the load')]);
    expect([...atOnce, later]).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ cacheStatus: 'stale; tier=memory' })),
    );
    expect(source.calls).toHaveLength(2);
    source.calls[1]?.answer(response('"new"', { facts: { ...facts, freshUntil: T0 + 60_000 } }));
    await background.drain();
    expect(textOf(cache.peek(KEYS))).toBe('"new"');
  });

  it('lets those wait for a background load whom the old answer can no longer be served', async () => {
    const { source, ask, pass, settle } = setUp();
    const first = ask();
    await settle();
    const facts = { ...(response('').facts as NonNullable<LoadedResponse['facts']>), staleUntil: T0 + 9_000 };
    source.calls[0]?.answer(response('"old"', { facts }));
    await first;
    pass(2_000);
    await ask();
    pass(10_000);
    const late = ask();
    await settle();
    expect(source.calls).toHaveLength(2);
    source.calls[1]?.answer(response('"new"'));
    expect(await late).toMatchObject({ cacheStatus: 'joined' });
  });

  it('serves nothing stale after a purge, whatever its times allow', async () => {
    const { source, ask, purge, pass, settle } = setUp();
    const first = ask();
    await settle();
    const facts = { ...(response('').facts as NonNullable<LoadedResponse['facts']>), staleUntil: T0 + 9_000 };
    source.calls[0]?.answer(response('"old"', { facts }));
    await first;
    pass(2_000);
    purge();
    const after = ask();
    await settle();
    source.calls[1]?.answer(response('"new"'));
    expect(textOf(await after)).toBe('"new"');
  });

  it('serves nothing of a subgraph whose invalidations may be missing', async () => {
    const { cache, source, ask, trust, settle } = setUp();
    const first = ask();
    await settle();
    source.calls[0]?.answer(response('"a"'));
    await first;
    trust(false);
    expect(cache.peek(KEYS)).toBeUndefined();
    void ask();
    await settle();
    expect(source.calls).toHaveLength(2);
    trust(true);
    expect(textOf(cache.peek(KEYS))).toBe('"a"');
  });

  it('keeps what depends on who asks for that identity alone', async () => {
    const { cache, source, ask, settle } = setUp();
    const first = ask({ keys: ADA });
    await settle();
    source.calls[0]?.answer(response('"ada"', { identityBound: true }));
    await first;
    expect(textOf(cache.peek(ADA))).toBe('"ada"');
    expect(cache.peek(KEYS)).toBeUndefined();
    expect(cache.peek({ shared: 'r:1', scoped: 'r:1:grace' })).toBeUndefined();
  });

  it('keeps nothing private for nobody in particular, and shares it with none of those who waited', async () => {
    const { cache, source, ask, settle } = setUp();
    const first = ask();
    const second = ask();
    await settle();
    expect(source.calls).toHaveLength(1);
    source.calls[0]?.answer(response('"one"', { private: true, apart: true }));
    expect(textOf(await first)).toBe('"one"');
    await settle();
    source.calls[1]?.answer(response('"two"', { private: true, apart: true }));
    expect(textOf(await second)).toBe('"two"');
    expect(cache.peek(KEYS)).toBeUndefined();
  });

  it.each([
    ['says nothing that allows it', { facts: undefined }],
    ['failed as a whole', { status: 500 }],
  ])('keeps nothing that %s', async (_what, change) => {
    const { cache, source, ask, settle } = setUp();
    const first = ask();
    await settle();
    source.calls[0]?.answer(response('"x"', change));
    await first;
    expect(cache.peek(KEYS)).toBeUndefined();
  });

  it('gives a load up only when all who waited are gone', async () => {
    const { source, ask, settle } = setUp();
    const [one, two] = [new AbortController(), new AbortController()];
    void ask({ client: watch(one.signal) }).catch(() => {});
    void ask({ client: watch(two.signal) }).catch(() => {});
    await settle();
    one.abort();
    expect(source.calls[0]?.signal.aborted).toBe(false);
    two.abort();
    expect(source.calls[0]?.signal.aborted).toBe(true);
    void ask();
    await settle();
    expect(source.calls).toHaveLength(2);
  });

  it('gives a load up for somebody who was gone before it began', async () => {
    const { source, ask, settle } = setUp();
    const gone = new AbortController();
    void ask({ client: watch(gone.signal) }).catch(() => {});
    gone.abort();
    await settle();
    expect(source.calls.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it('tells a failed load to all who waited, and tries anew for the next', async () => {
    const { source, ask, settle } = setUp();
    const waiting = [ask(), ask()];
    await settle();
    source.calls[0]?.fail(new Error('broken'));
    await expect(waiting[0]).rejects.toThrow('broken');
    await expect(waiting[1]).rejects.toThrow('broken');
    void ask();
    await settle();
    expect(source.calls).toHaveLength(2);
  });

  it('loads anew for no-cache, and stores for the others; for no-store it does neither', async () => {
    const { cache, source, ask, settle } = setUp();
    const first = ask();
    await settle();
    source.calls[0]?.answer(response('"a"'));
    await first;
    const noCache = ask({ mayRead: false });
    await settle();
    source.calls[1]?.answer(response('"b"'));
    await noCache;
    expect(textOf(cache.peek(KEYS))).toBe('"b"');
    const noStore = ask({ mayRead: false, mayStore: false });
    await settle();
    source.calls[2]?.answer(response('"c"'));
    expect(textOf(await noStore)).toBe('"c"');
    expect(textOf(cache.peek(KEYS))).toBe('"b"');
  });

  it('shares what was loaded for it with other gateways, but nothing made of what this process held before', async () => {
    for (const [composed, found] of [
      [false, 'hit'],
      [true, 'miss'],
    ] as const) {
      const remote = createKeyvTier({ now: () => T0 });
      const { source, ask, settle, background } = setUp(remote);
      const first = ask();
      await settle();
      source.calls[0]?.answer(response('"a"', { composed }));
      await first;
      await background.drain();
      const [read] = await remote.read([KEYS.shared]);
      expect(read?.hit === undefined ? 'miss' : 'hit').toBe(found);
      await remote.close();
    }
  });

  it('compresses a response once, and counts the copy', async () => {
    const { cache, store, source, ask, settle } = setUp();
    const first = ask();
    await settle();
    source.calls[0]?.answer(response(JSON.stringify('x'.repeat(5_000))));
    await first;
    const bytesBefore = store.memory.bytes;
    const outcome = cache.peek(KEYS);
    if (outcome?.kind !== 'prepared') throw new Error('not kept');
    const compressed = await outcome.prepared.representation('gzip');
    expect(compressed.encoding).toBe('gzip');
    expect(store.memory.bytes).toBe(bytesBefore + compressed.length);
    expect(outcome.prepared.representation('gzip')).toBe(compressed);
  });
});
