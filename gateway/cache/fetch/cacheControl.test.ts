import { parseCacheControl } from './cacheControl.js';

const nothing = {
  noStore: false,
  isPrivate: false,
  ttlMs: undefined,
  ageMs: 0,
  staleWhileRevalidateMs: undefined,
  staleIfErrorMs: undefined,
};

describe('Cache-Control', () => {
  it.each<[string | undefined, object]>([
    [undefined, {}],
    ['', {}],
    ['public', {}],
    ['max-age=60, public', { ttlMs: 60_000 }],
    ['MAX-AGE=60', { ttlMs: 60_000 }],
    ['max-age = 60', { ttlMs: 60_000 }],
    ['max-age="60"', { ttlMs: 60_000 }],
    ['max-age=60,s-maxage=10', { ttlMs: 10_000 }],
    ['s-maxage=600, max-age=0', { ttlMs: 600_000 }],
    ['private, s-maxage=600, max-age=5', { isPrivate: true, ttlMs: 5_000 }],
    ['private="Set-Cookie, X-Y", max-age=5', { isPrivate: true, ttlMs: 5_000 }],
    ['no-store', { noStore: true }],
    ['no-cache="Set-Cookie"', { noStore: true }],
    ['max-age=60, no-store', { noStore: true, ttlMs: 60_000 }],
    [
      'max-age=1, stale-while-revalidate=2, stale-if-error=3',
      { ttlMs: 1_000, staleWhileRevalidateMs: 2_000, staleIfErrorMs: 3_000 },
    ],
    [
      'max-age=1, stale-while-revalidate=2, must-revalidate',
      { ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
    ],
    ['max-age=1, proxy-revalidate', { ttlMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }],
  ])('%s', (header, expected) => {
    expect(parseCacheControl(header)).toEqual({ ...nothing, ...expected });
  });

  it.each([
    ['max-age=60, max-age=10', 10_000],
    ['max-age=10, max-age=60', 10_000],
    ['max-age=60, max-age=nonsense', 0],
    ['max-age', 0],
    ['max-age=', 0],
    ['max-age=-1', 0],
    ['max-age=1.5', 0],
    ['max-age=1e9', 0],
    ['max-age=0x10', 0],
    ['max-age=60;public', 0],
    ['max-age="60', 0],
    ['max-age=99999999999999999999999', (2 ** 31 - 1) * 1000],
  ])('%s is taken as the shorter of what it could mean', (header, ttlMs) => {
    expect(parseCacheControl(header).ttlMs).toBe(ttlMs);
  });

  it.each([
    ['x="max-age=60, no-store", max-age=5', { noStore: false, ttlMs: 5_000 }],
    ['x="quoted \\" no-store", max-age=5', { noStore: false, ttlMs: 5_000 }],
    ['not-no-store, max-age=5', { noStore: false, ttlMs: 5_000 }],
    [',,, max-age=5 ,=,"",', { ttlMs: 5_000 }],
    ['\u0000\u{1f4a3} =?, max-age=5', { ttlMs: 5_000 }],
  ])('%s does not hide or feign a directive', (header, expected) => {
    expect(parseCacheControl(header)).toMatchObject(expected);
  });

  it('is not read beyond a length that no real one has, and then nothing is stored', () => {
    expect(parseCacheControl(`max-age=60, x="${'y'.repeat(1_900)}"`)).toMatchObject({
      noStore: false,
      ttlMs: 60_000,
    });
    expect(parseCacheControl(`max-age=60, ${'a="\\'.repeat(1_000)}`)).toMatchObject({
      noStore: true,
      ttlMs: undefined,
    });
  });
});

describe('Age', () => {
  it.each([
    ['12', 12_000],
    ['12, 30', 12_000],
    ['nonsense', 0],
    ['-5', 0],
    ['99999999999999', (2 ** 31 - 1) * 1000],
  ])('%s', (age, ageMs) => {
    expect(parseCacheControl(undefined, age).ageMs).toBe(ageMs);
  });
});
