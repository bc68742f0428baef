import type { CacheRecord, CacheTier, FillToken } from '../../gateway/cache/cacheTier.js';
import { encodeEnvelope } from '../../gateway/cache/redis/envelope.js';

/** One store under test, empty at first, and what a test may do to it. */
export interface TierStage {
  readonly tier: CacheTier;
  /** Another gateway on the same store; absent when nothing is shared. */
  readonly other?: CacheTier;
  /** Moves the clock that the tiers look at. */
  advance(ms: number): void;
  /** Puts raw text where a record with this key would be. */
  putRaw?(key: string, text: string): Promise<void>;
  /** Loses what is remembered of invalidations, and nothing else, as an eviction does. */
  loseGuards?(): Promise<void>;
  /** Loses everything, as `FLUSHALL` does. */
  loseEverything?(): Promise<void>;
}

/** What a store may go through besides what its own tiers do; a store in one process's memory, nothing. */
export type Hazard = 'putRaw' | 'loseGuards' | 'loseEverything';

/** When the stage's clock starts, in ms since the epoch. */
export const STAGE_START = Date.now();

/** A record that is fresh for a minute. */
export function recordFor(tags: readonly string[], changes: Partial<CacheRecord> = {}): CacheRecord {
  const freshUntil = STAGE_START + 60_000;
  return {
    body: '{"name":"Tea"}',
    tags,
    createdAt: STAGE_START,
    freshUntil,
    staleUntil: changes.freshUntil ?? freshUntil,
    errorUntil: changes.freshUntil ?? freshUntil,
    scope: 'public',
    ...changes,
  };
}

export async function tokenFor(tier: CacheTier, key: string): Promise<FillToken> {
  const [read] = await tier.read([key]);
  if (read?.token === undefined) throw new Error(`no token for ${key}`);
  return read.token;
}

export async function fill(tier: CacheTier, key: string, record: CacheRecord): Promise<boolean> {
  const [stored] = await tier.write([{ key, record, token: await tokenFor(tier, key) }]);
  return stored === true;
}

export async function bodiesOf(tier: CacheTier, keys: readonly string[]): Promise<(string | undefined)[]> {
  return (await tier.read(keys)).map(({ hit }) => hit?.body);
}

/** What every tier promises, whatever it is made of. */
export function cacheTierContract<Stage extends TierStage>(
  open: () => Promise<Stage>,
  close: (stage: Stage) => Promise<void>,
  hazards: readonly Hazard[],
): void {
  let stage: Stage;
  let tier: CacheTier;

  beforeEach(async () => {
    stage = await open();
    tier = stage.tier;
  });
  afterEach(() => close(stage));

  /** Whoever shares the store; the tier itself where nobody does. */
  const replica = () => stage.other ?? tier;
  const itUnder = (hazard: Hazard) => (hazards.includes(hazard) ? it : undefined);

  describe('reading and writing', () => {
    it('answers a miss with a token, and then the record as it was written', async () => {
      const record = recordFor(['Product:id=p1', 'type:Product'], { scope: 'private' });
      const [miss] = await tier.read(['a']);
      expect(miss).toEqual({ token: expect.anything() });
      expect(await fill(tier, 'a', record)).toBe(true);
      const [read] = await replica().read(['a']);
      expect(read?.hit).toEqual(record);
      expect(read?.token).toBeUndefined();
    });

    it('answers in the order of the keys, the same key twice as well', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
      for (const key of keys) {
        if (key !== 'key 7') await fill(tier, key, recordFor(['t'], { body: JSON.stringify(key) }));
      }
      const bodies = await bodiesOf(tier, [...keys, 'key 3']);
      expect(bodies).toEqual([
        ...keys.map((key) => (key === 'key 7' ? undefined : JSON.stringify(key))),
        '"key 3"',
      ]);
    });

    it('takes empty lists', async () => {
      expect(await tier.read([])).toEqual([]);
      expect(await tier.write([])).toEqual([]);
      await tier.invalidate([]);
      expect(await tier.count([])).toBe(0);
    });

    it('replaces a record, and its tags', async () => {
      const token = await tokenFor(tier, 'a');
      await fill(tier, 'a', recordFor(['old']));
      await tier.write([{ key: 'a', record: recordFor(['new'], { body: '2' }), token }]);
      await tier.invalidate(['old']);
      expect(await bodiesOf(tier, ['a'])).toEqual(['2']);
      await tier.invalidate(['new']);
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });

    it.each([
      ['an empty one', ''],
      ['line feeds and NUL', '{"a":"x\n\u0000\r\n hg1 "}\n'],
      ['characters of all planes', JSON.stringify({ text: 'Grüße, 茶, 🍵, \u2028, ÿ' })],
      ['five megabytes', JSON.stringify('ä'.repeat(2_600_000))],
    ])('gives a body back unchanged: %s', async (_, body) => {
      expect(await fill(tier, 'a', recordFor(['t'], { body }))).toBe(true);
      const [read] = await tier.read(['a']);
      expect(read?.hit?.body === body).toBe(true);
    });

    it('takes any key and any tag', async () => {
      const odd = 'a b,c\\d#e\n{f}\t\u00a0é🍵';
      const tags = [odd, '#i', '', 'User:name=%20x', 'a\\0020b'];
      expect(await fill(tier, odd, recordFor(tags))).toBe(true);
      expect((await replica().read([odd]))[0]?.hit?.tags).toEqual(tags);
      await tier.invalidate(['a b', '%20x', '\\0020b']);
      expect(await tier.count([odd])).toBe(1);
      await tier.invalidate(['']);
      expect(await bodiesOf(tier, [odd])).toEqual([undefined]);
    });

    it('takes a record with very many tags, each of which counts', async () => {
      const tags = Array.from({ length: 12_000 }, (_, index) => `Product:id=${index}`);
      expect(await fill(tier, 'a', recordFor(tags))).toBe(true);
      await tier.invalidate(['Product:id=x']);
      expect((await bodiesOf(tier, ['a']))[0]).toBeDefined();
      await tier.invalidate(['Product:id=11999']);
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });

    it('refuses a token of another key', async () => {
      const token = await tokenFor(tier, 'a');
      expect(await tier.write([{ key: 'b', record: recordFor(['t']), token }])).toEqual([false]);
      expect(await bodiesOf(tier, ['b'])).toEqual([undefined]);
    });

    it('refuses a token of another tier', async () => {
      const token = { foreign: true } as unknown as FillToken;
      expect(await tier.write([{ key: 'a', record: recordFor(['t']), token }])).toEqual([false]);
    });
  });

  describe('time', () => {
    it('serves a stale record, with a token to load it anew', async () => {
      await fill(
        tier,
        'a',
        recordFor(['t'], { freshUntil: STAGE_START + 1_000, staleUntil: STAGE_START + 3_000 }),
      );
      stage.advance(2_000);
      const [read] = await tier.read(['a']);
      expect(read?.hit?.body).toBe('{"name":"Tea"}');
      expect(read?.token).toBeDefined();
      const record = recordFor(['t'], { body: '2' });
      expect(await tier.write([{ key: 'a', record, token: read?.token as FillToken }])).toEqual([true]);
      expect(await bodiesOf(tier, ['a'])).toEqual(['2']);
    });

    it('serves none past the last of its times', async () => {
      const times = {
        freshUntil: STAGE_START + 1_000,
        staleUntil: STAGE_START,
        errorUntil: STAGE_START + 2_000,
      };
      await fill(tier, 'a', recordFor(['t'], times));
      stage.advance(1_999);
      expect((await bodiesOf(tier, ['a']))[0]).toBeDefined();
      stage.advance(1);
      expect((await tier.read(['a']))[0]).toEqual({ token: expect.anything() });
      expect(await fill(tier, 'a', recordFor(['t']))).toBe(true);
    });
  });

  describe('invalidation', () => {
    it('takes what bears one of the tags, for all who share the store, and nothing else', async () => {
      const keys = ['a', 'b', 'c', 'd'];
      await fill(tier, 'a', recordFor(['x', 'common']));
      await fill(tier, 'b', recordFor(['y', 'common']));
      await fill(tier, 'c', recordFor(['z', 'common']));
      await fill(tier, 'd', recordFor(['xy']));
      expect(await tier.count(['x', 'y', 'nobody'])).toBe(2);
      await replica().invalidate(['x', 'y']);
      expect((await bodiesOf(tier, keys)).map((body) => body !== undefined)).toEqual([
        false,
        false,
        true,
        true,
      ]);
      expect(await tier.count(['common'])).toBe(1);
      await tier.invalidate(['common']);
      expect((await bodiesOf(replica(), keys)).map((body) => body !== undefined)).toEqual([
        false,
        false,
        false,
        true,
      ]);
    });

    it('refuses a fill that began before it, and takes one that begins after', async () => {
      const before = await tokenFor(tier, 'a');
      await replica().invalidate(['x']);
      const after = await tokenFor(tier, 'a');
      expect(await tier.write([{ key: 'a', record: recordFor(['x']), token: before }])).toEqual([false]);
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
      expect(await tier.write([{ key: 'a', record: recordFor(['x'], { body: '2' }), token: after }])).toEqual(
        [true],
      );
      expect(await tier.write([{ key: 'a', record: recordFor(['x']), token: before }])).toEqual([false]);
      expect(await bodiesOf(tier, ['a'])).toEqual(['2']);
    });

    it('decides for each fill of a batch by its own tags', async () => {
      const keys = ['a', 'b', 'c', 'd'];
      const tokens = (await tier.read(keys)).map(({ token }) => token as FillToken);
      await replica().invalidate(['Product:id=b', 'Product:id=d']);
      const fills = keys.map((key, index) => ({
        key,
        record: recordFor([`Product:id=${key}`, 'subgraph:products']),
        token: tokens[index] as FillToken,
      }));
      expect(await tier.write(fills)).toEqual([true, false, true, false]);
      expect((await bodiesOf(tier, keys)).map((body) => body !== undefined)).toEqual([
        true,
        false,
        true,
        false,
      ]);
    });

    it('refuses the fill of a revalidation that began before it, and does not serve the stale record', async () => {
      await fill(
        tier,
        'a',
        recordFor(['x'], { freshUntil: STAGE_START + 10, staleUntil: STAGE_START + 10_000 }),
      );
      stage.advance(20);
      const [stale] = await tier.read(['a']);
      await replica().invalidate(['x']);
      const record = recordFor(['x'], { body: 'old' });
      expect(await tier.write([{ key: 'a', record, token: stale?.token as FillToken }])).toEqual([false]);
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });

    it('wins over a fill that was asked for before it and is stored after', async () => {
      const token = await tokenFor(tier, 'a');
      const [, stored] = await Promise.all([
        replica().invalidate(['x']),
        tier.write([{ key: 'a', record: recordFor(['x']), token }]),
      ]);
      expect(stored).toHaveLength(1);
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });

    it('is remembered over many others', async () => {
      const token = await tokenFor(tier, 'a');
      await fill(tier, 'b', recordFor(['kept']));
      await tier.invalidate(['x']);
      for (let round = 0; round < 20; round++) {
        await tier.invalidate(Array.from({ length: 50 }, (_, index) => `other:${round}:${index}`));
      }
      expect(await tier.write([{ key: 'a', record: recordFor(['x']), token }])).toEqual([false]);
      expect((await bodiesOf(tier, ['b']))[0]).toBeDefined();
    });

    it('takes very many tags at once', async () => {
      await fill(tier, 'a', recordFor(['Product:id=4999']));
      await tier.invalidate(Array.from({ length: 5_000 }, (_, index) => `Product:id=${index}`));
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });
  });

  describe('loss and damage', () => {
    itUnder('loseGuards')?.(
      'counts everything as purged when what was invalidated is forgotten',
      async () => {
        const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
        for (const key of keys) await fill(tier, key, recordFor(['x']));
        const token = await tokenFor(tier, 'a');
        await stage.loseGuards?.();
        expect(await bodiesOf(replica(), keys)).toEqual(keys.map(() => undefined));
        expect(await tier.write([{ key: 'a', record: recordFor(['x']), token }])).toEqual([false]);
        expect(await tier.count(['x'])).toBe(0);
        expect(await fill(tier, 'a', recordFor(['x']))).toBe(true);
      },
    );

    itUnder('loseGuards')?.(
      'refuses an old fill when an invalidation is the first to find them lost',
      async () => {
        const token = await tokenFor(tier, 'a');
        await stage.loseGuards?.();
        await replica().invalidate(['something else']);
        expect(await tier.write([{ key: 'a', record: recordFor(['x']), token }])).toEqual([false]);
      },
    );

    itUnder('loseEverything')?.('starts anew when all is lost, and takes no fill from before', async () => {
      await fill(tier, 'a', recordFor(['x']));
      const token = await tokenFor(tier, 'b');
      await stage.loseEverything?.();
      expect(await bodiesOf(tier, ['a', 'b'])).toEqual([undefined, undefined]);
      expect(await tier.write([{ key: 'b', record: recordFor(['x']), token }])).toEqual([false]);
      expect(await fill(tier, 'b', recordFor(['x']))).toBe(true);
    });

    itUnder('putRaw')?.each([
      ['text of somebody else', 'hello'],
      ['nothing', ''],
      ['JSON of Keyv', '{"value":"x","expires":null}'],
      ['another format', 'hg9 abc 1 0 1 1 1 1 public t\n'],
      ['a header without end', 'hg1 abc 1 0 1 1 1 1 public t'],
      ['bytes that are no text', '\u0000\u0001\u0002\n\n'],
    ])('takes for a miss: %s', async (_, text) => {
      await stage.putRaw?.('a', text);
      expect((await tier.read(['a']))[0]).toEqual({ token: expect.anything() });
      expect(await tier.count(['t'])).toBe(0);
      expect(await fill(tier, 'a', recordFor(['t']))).toBe(true);
    });

    itUnder('putRaw')?.('takes a record of another life of the store for a miss', async () => {
      const record = recordFor(['t']);
      await stage.putRaw?.(
        'a',
        encodeEnvelope({ record, incarnation: 'ffff', sequence: '9007199254740991' }),
      );
      expect(await bodiesOf(tier, ['a'])).toEqual([undefined]);
    });
  });
}
