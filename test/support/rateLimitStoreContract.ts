import { quotaOf, type Verdict } from '../../gateway/rateLimit/gcra.js';
import type { RateLimitStore } from '../../gateway/rateLimit/rateLimitStore.js';

export interface RateLimitStoreStage {
  readonly store: RateLimitStore;
  /** Lets time pass for a counter, without waiting; backwards with a negative number. */
  advance(key: string, durationMs: number): Promise<void>;
}

const HOUR = 3_600;
/** So slow that what a machine takes for a test makes no difference. */
const tenPerHour = quotaOf(10, HOUR);
const INTERVAL_MS = (HOUR * 1_000) / 10;

/** What every `RateLimitStore` promises. `open` gives a new, empty one for each test. */
export function describeRateLimitStore(name: string, open: () => Promise<RateLimitStoreStage>): void {
  describe(`rate limit store: ${name}`, () => {
    let stage: RateLimitStoreStage;
    beforeEach(async () => {
      stage = await open();
    });

    async function spend(times: number, key = 'a', quota = tenPerHour): Promise<Verdict[]> {
      return Promise.all(Array.from({ length: times }, async () => stage.store.spend(key, quota)));
    }
    const admitted = (verdicts: readonly Verdict[]) => verdicts.filter(({ isAdmitted }) => isAdmitted).length;

    it('admits no more than the burst, however many come at once', async () => {
      expect(admitted(await spend(50))).toBe(10);
    });

    it('tells what is left, and when all of it is there again', async () => {
      const [first, second] = await spend(2);
      expect([first?.remaining, second?.remaining]).toEqual([9, 8]);
      expect(first?.waitUs).toBe(0);
      expect((first?.resetUs ?? 0) / 1_000).toBeGreaterThan(INTERVAL_MS - 60_000);
      expect((first?.resetUs ?? 0) / 1_000).toBeLessThanOrEqual(INTERVAL_MS);
    });

    it('tells who is refused how long to wait, and a refusal makes that no longer', async () => {
      await spend(10);
      const [refused, ...others] = await spend(20);
      expect(refused).toMatchObject({ isAdmitted: false, remaining: 0 });
      expect((refused?.waitUs ?? 0) / 1_000).toBeGreaterThan(INTERVAL_MS - 60_000);
      expect(others.at(-1)?.waitUs).toBeLessThanOrEqual(refused?.waitUs ?? 0);
    });

    it('gives back one request per interval, and never more than the burst', async () => {
      await spend(10);
      await stage.advance('a', INTERVAL_MS);
      expect(admitted(await spend(5))).toBe(1);
      await stage.advance('a', 3 * INTERVAL_MS);
      expect(admitted(await spend(5))).toBe(3);
      await stage.advance('a', 100 * INTERVAL_MS);
      expect(admitted(await spend(50))).toBe(10);
    });

    it('spreads a limit whose burst is smaller', async () => {
      const quota = quotaOf(10, HOUR, 2);
      expect(admitted(await spend(10, 'a', quota))).toBe(2);
      await stage.advance('a', INTERVAL_MS);
      expect(admitted(await spend(10, 'a', quota))).toBe(1);
    });

    it('counts exactly where the interval is no whole number', async () => {
      expect(admitted(await spend(60, 'a', quotaOf(7 * 7, HOUR)))).toBe(49);
    });

    it('keeps subjects apart, whatever they are called', async () => {
      await spend(10, 'a');
      for (const key of ['b', 'a:', '{a}', ' a', 'ä\u0000\n"']) expect(admitted(await spend(1, key))).toBe(1);
    });

    it('locks nobody out when the clock was set back', async () => {
      await spend(5);
      await stage.advance('a', -1_000 * INTERVAL_MS);
      expect(admitted(await spend(1))).toBe(0);
      await stage.advance('a', INTERVAL_MS);
      expect(admitted(await spend(5))).toBe(1);
    });
  });
}
