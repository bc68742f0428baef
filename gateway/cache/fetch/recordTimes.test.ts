import { parseCacheControl } from './cacheControl.js';
import { defaultFetchCacheSettings, type FetchCacheSettings } from './fetchCacheSettings.js';
import { recordTimes } from './recordTimes.js';

function times(
  cacheControl: string | undefined,
  settings: Partial<FetchCacheSettings> = {},
  { age, random = 0, isNegative = false }: { age?: string; random?: number; isNegative?: boolean } = {},
) {
  return recordTimes({
    directives: parseCacheControl(cacheControl, age),
    settings: { ...defaultFetchCacheSettings, ...settings },
    askedAt: 1_000_000,
    isNegative,
    random,
  });
}

describe('the times of a record', () => {
  it('count from when the subgraph was asked, less the age that the answer had', () => {
    expect(times('max-age=60', {}, { age: '20' })).toEqual({
      createdAt: 980_000,
      freshUntil: 1_040_000,
      staleUntil: 1_040_000,
      errorUntil: 1_040_000,
    });
  });

  it('do not exist for what is older than promised already, or was promised for no time at all', () => {
    expect(times('max-age=60', {}, { age: '60' })).toBeUndefined();
    expect(times('max-age=0')).toBeUndefined();
    expect(times(undefined)).toBeUndefined();
  });

  it('come from the configuration when the answer says nothing, never when it says something', () => {
    expect(times('public', { defaultTtlMs: 5_000 })?.freshUntil).toBe(1_005_000);
    expect(times('max-age=1', { defaultTtlMs: 5_000 })?.freshUntil).toBe(1_001_000);
    expect(times('max-age=0', { defaultTtlMs: 5_000 })).toBeUndefined();
  });

  it('are never longer than configured', () => {
    expect(times('max-age=99999999999', { maxTtlMs: 7_000 })?.freshUntil).toBe(1_007_000);
  });

  it.each([0, 0.3, 0.999, 1])('are shortened at random (%p), never lengthened', (random) => {
    const freshUntil = times('max-age=100', { ttlJitter: 0.2 }, { random })?.freshUntil ?? 0;
    expect(freshUntil).toBe(1_000_000 + Math.floor(100_000 * (1 - 0.2 * random)));
    expect(freshUntil).toBeLessThanOrEqual(1_100_000);
    expect(freshUntil).toBeGreaterThanOrEqual(1_080_000);
  });

  it('let stale answers be served from the promised end on, whatever chance took off', () => {
    const header = 'max-age=100, stale-while-revalidate=10, stale-if-error=20';
    expect(times(header, { ttlJitter: 0.5 }, { random: 1 })).toEqual({
      createdAt: 1_000_000,
      freshUntil: 1_050_000,
      staleUntil: 1_110_000,
      errorUntil: 1_120_000,
    });
    expect(times('max-age=100', { staleIfErrorMs: 3_000 })?.errorUntil).toBe(1_103_000);
    expect(times('max-age=100, must-revalidate', { staleIfErrorMs: 3_000 })?.errorUntil).toBe(1_100_000);
  });

  it('are short for what does not exist, and it is never served stale', () => {
    const header = 'max-age=100, stale-while-revalidate=10, stale-if-error=20';
    const until = 1_002_000;
    expect(times(header, { negativeTtlMs: 2_000 }, { isNegative: true })).toEqual({
      createdAt: 1_000_000,
      freshUntil: until,
      staleUntil: until,
      errorUntil: until,
    });
    expect(times('max-age=1', { negativeTtlMs: 2_000 }, { isNegative: true })?.freshUntil).toBe(1_001_000);
  });
});
