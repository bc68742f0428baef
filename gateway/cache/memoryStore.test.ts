import { recordFor, STAGE_START } from '../../test/support/cacheTierContract.js';
import { probeMemoryStore } from '../../test/support/probeMemoryStore.js';
import { EntryLink, MemoryStore, type MemoryStoreOptions } from './memoryStore.js';

function openStore(options: Partial<MemoryStoreOptions> = {}): MemoryStore<string> {
  return new MemoryStore<string>({ maxBytes: 1_000_000, now: () => STAGE_START, ...options });
}

function put(store: MemoryStore<string>, key: string, tags: readonly string[] = ['t'], body = '{}') {
  return store.set(key, recordFor(tags, { body }), store.begin());
}

describe('the memory store', () => {
  it('gives back what it keeps, and the bytes of what went', () => {
    const store = openStore();
    const kept = put(store, 'a', ['x', 'y', 'x'], '{"a":1}');
    expect(store.get('a')).toBe(kept);
    expect(kept?.record).toEqual(recordFor(['x', 'y'], { body: '{"a":1}' }));
    expect(store.bytes).toBeGreaterThan(7);
    const dropped: [string, string][] = [];
    expect(store.invalidate(['z', 'y', 'x'], (key, tag) => dropped.push([key, tag]))).toBe(1);
    expect(dropped).toEqual([['a', 'y']]);
    expect(store.size).toBe(0);
    store.clear();
    expect(store.bytes).toBe(0);
  });

  it('counts the same bytes after any number of replacements and purges', () => {
    const store = openStore();
    put(store, 'a', ['x', 'common']);
    put(store, 'b', ['y', 'common']);
    const bytes = store.bytes;
    for (let round = 0; round < 50; round++) {
      put(store, 'a', ['other', 'common'], '{"longer":true}');
      put(store, 'c', ['x', 'y', 'common']);
      put(store, 'a', ['x', 'common']);
      store.invalidate(['c only']);
      store.set('c', recordFor(['c only']), store.begin());
      store.invalidate(['c only']);
    }
    const fence = openStore();
    fence.invalidate(['c only']);
    // A set that was made for a tag stays as long as the tag has records.
    expect(store.bytes - fence.bytes - bytes).toBeLessThanOrEqual(2 * 200);
    expect(store.size).toBe(2);
  });

  it('gives back what a link leads to, as long as it is here', () => {
    let now = STAGE_START;
    const store = openStore({ now: () => now });
    const link = new EntryLink<string>();
    const ways: (() => void)[] = [
      () => store.invalidate(['t']),
      () => store.clear(),
      () => put(store, 'a', ['t'], '"replaced"'),
      () => (now = Number.MAX_SAFE_INTEGER),
    ];
    expect(store.get('a', link)).toBeUndefined();
    for (const remove of ways) {
      const kept = put(store, 'a');
      expect(store.get('a', link)).toBe(kept);
      expect(store.get('a', link)).toBe(kept);
      remove();
      expect(store.get('a', link)).toBe(store.get('a'));
      expect(store.get('a', link)).not.toBe(kept);
      store.clear();
      now = STAGE_START;
    }
  });

  it('holds nothing by the link to what went, nor by one that another link has replaced', () => {
    const store = openStore();
    const [first, second] = [new EntryLink<string>(), new EntryLink<string>()];
    put(store, 'a');
    store.get('a', first);
    store.get('a', second);
    expect(first.entry).toBeUndefined();
    expect(second.entry).toBeDefined();
    store.invalidate(['t']);
    expect(second.entry).toBeUndefined();
  });

  it('spares what is used by a link', () => {
    const store = openStore({ maxBytes: 10_000 });
    const link = new EntryLink<string>();
    for (let index = 0; index < 100; index++) {
      put(store, `key ${index}`, ['t'], 'x'.repeat(500));
      store.get('key 0', link);
      // Else the search for what to drop would never come round to it.
      if (index % 2 === 0) store.get(`key ${index}`);
    }
    expect(store.evicted).toBeGreaterThan(0);
    expect(store.get('key 0', link)).toBeDefined();
  });

  it('drops what was not used', () => {
    const store = openStore({ maxBytes: 10_000 });
    for (let index = 0; index < 20; index++) {
      put(store, `key ${index}`, ['t'], 'x'.repeat(500));
      store.get('key 0');
    }
    expect(store.bytes).toBeLessThanOrEqual(10_000);
    expect(store.get('key 0')).toBeDefined();
    expect(store.get('key 1')).toBeUndefined();
    expect(store.get('key 19')).toBeDefined();
    expect(store.evicted).toBe(20 - store.size);
    expect(store.count(['t'])).toBe(store.size);
  });

  it('keeps what is used, however much comes between two uses that nobody asks for again', () => {
    const store = openStore({ maxBytes: 50_000 });
    put(store, 'entity');
    for (let round = 0; round < 3; round++) {
      expect(store.get('entity')).toBeDefined();
      for (let index = 0; index < 50; index++)
        put(store, `answer ${round}-${index}`, ['t'], 'x'.repeat(2_000));
    }
    expect(store.get('entity')).toBeDefined();
    expect(store.evicted).toBeGreaterThan(100);
  });

  it('does not let one record push out all others', () => {
    const store = openStore({ maxBytes: 10_000 });
    put(store, 'small');
    put(store, 'large');
    expect(put(store, 'large', ['t'], 'x'.repeat(3_000))).toBeUndefined();
    expect(store.get('large')).toBeUndefined();
    expect(store.get('small')).toBeDefined();
  });

  it('keeps what was made of a record with it, as long as it is that record', () => {
    const store = openStore({ maxBytes: 20_000 });
    const first = put(store, 'a');
    if (first === undefined) throw new Error('not kept');
    const before = store.bytes;
    store.prepare(first, 'ready', 5_000);
    expect(store.get('a')?.prepared).toBe('ready');
    expect(store.bytes - before).toBe(5_000);
    put(store, 'a', ['t'], '{"b":2}');
    store.prepare(first, 'late', 5_000);
    expect(store.get('a')?.prepared).toBeUndefined();
    store.grow('a', 1_000);
    store.grow('nobody', 1_000);
    store.invalidate(['t']);
    store.clear();
    expect(store.bytes).toBe(0);
  });

  it('makes room for what records grow by', () => {
    const store = openStore({ maxBytes: 10_000 });
    for (let index = 0; index < 5; index++) put(store, `key ${index}`);
    store.grow('key 4', 8_000);
    expect(store.bytes).toBeLessThanOrEqual(10_000);
    expect(store.get('key 0')).toBeUndefined();
    expect(store.get('key 4')).toBeDefined();
  });

  it('refuses what began before an invalidation that it no longer remembers', () => {
    const store = openStore({ maxInvalidatedTags: 10 });
    const begun = store.begin();
    store.invalidate(['x']);
    const between = store.begin();
    for (let index = 0; index < 10; index++) store.invalidate([`other ${index}`]);
    expect(store.set('a', recordFor(['unrelated']), begun)).toBeUndefined();
    expect(store.set('a', recordFor(['unrelated']), between)).toBeDefined();
    expect(store.set('a', recordFor(['other 3']), between)).toBeUndefined();
  });

  it('has room for records after any number of purges, however long their tags', () => {
    const store = openStore({ maxBytes: 1_000_000 });
    for (let index = 0; index < 20_000; index++) store.invalidate([`Product:id=${index}`]);
    for (let index = 0; index < 100; index++) store.invalidate([`${index}:${'x'.repeat(100_000)}`]);
    const begun = store.begin();
    store.invalidate(['after']);
    for (let index = 0; index < 100; index++) put(store, `key ${index}`);
    expect(store.size).toBe(100);
    expect(store.bytes).toBeLessThanOrEqual(1_000_000);
    expect(store.set('a', recordFor(['after']), begun)).toBeUndefined();
  });

  it('refuses what began before everything was dropped', () => {
    const store = openStore();
    const begun = store.begin();
    store.clear();
    expect(store.set('a', recordFor(['x']), begun)).toBeUndefined();
  });

  it('takes no more of the heap than it was given, with 300,000 keys, their tags, and purges', async () => {
    // In a process of its own: the heap of this one belongs to the test runner as well.
    const { maxBytes, grown, bytes, size } = await probeMemoryStore();
    expect(size).toBeGreaterThan(10_000);
    expect(bytes).toBeGreaterThan(maxBytes * 0.95);
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(grown).toBeLessThanOrEqual(maxBytes);
    // Counting far more than there is would waste what was given.
    expect(grown).toBeGreaterThan(maxBytes * 0.5);
  });
});
