import { createRateLimiter, type RateLimiter } from './createRateLimiter.js';
import { createMemoryRateLimitStore } from './memoryRateLimitStore.js';
import type { RateLimitConfig } from './rateLimitConfig.js';

function limiterWith(config: Pick<RateLimitConfig, 'mode' | 'rules'>) {
  const count = jest.fn();
  const store = createMemoryRateLimitStore({ maxEntries: 1_000 });
  const openStore = jest.fn(() => store);
  const limiter = createRateLimiter({ config, addressOf: () => '198.51.100.1', openStore, count });
  return { limiter, count, openStore, store };
}
const admits = (limiter: RateLimiter, address: string) => {
  try {
    limiter.admit({ address });
    return true;
  } catch {
    return false;
  }
};
const perHour = { by: 'address', perSeconds: 3_600 } as const;

describe('rate limits', () => {
  it('open nothing, and stand before nothing, where there are no rules', () => {
    const { limiter, openStore } = limiterWith({ mode: 'enforce', rules: [] });
    const handler = () => undefined;
    expect(limiter.before(handler)).toBe(handler);
    expect(admits(limiter, 'a')).toBe(true);
    expect(openStore).not.toHaveBeenCalled();
  });

  it('count what is refused', () => {
    const { limiter, count } = limiterWith({ mode: 'enforce', rules: [{ ...perHour, limit: 1 }] });
    expect([admits(limiter, 'a'), admits(limiter, 'a')]).toEqual([true, false]);
    expect(count.mock.calls).toEqual([['address', 'refused']]);
  });

  it('count what would be refused in the mode warn', () => {
    const { limiter, count } = limiterWith({ mode: 'warn', rules: [{ ...perHour, limit: 1 }] });
    expect([admits(limiter, 'a'), admits(limiter, 'a')]).toEqual([true, true]);
    expect(count.mock.calls).toEqual([['address', 'warned']]);
  });

  it('of one kind have counts and names of their own, and the longest wait is told', () => {
    const rules = [
      { ...perHour, limit: 100, burst: 2 },
      { ...perHour, limit: 1, perSeconds: 86_400 },
    ];
    const { limiter } = limiterWith({ mode: 'enforce', rules });
    const headers = new Map<string, string>();
    const response = {
      getHeader: (name: string) => headers.get(name),
      setHeader: (name: string, value: string) => headers.set(name, value),
    } as unknown as Parameters<RateLimiter['admit']>[1];
    limiter.admit({ address: 'a' }, response);
    expect(headers.get('ratelimit-policy')).toBe('"address";q=100;w=3600, "address-2";q=1;w=86400');
    expect(headers.get('ratelimit')).toBe('"address";r=1;t=36, "address-2";r=0;t=86400');
    expect(() => limiter.admit({ address: 'a' })).toThrow(/try again in 8(6400|6399) s/);
  });

  it('keep no subject longer than a hash', () => {
    const { limiter, store } = limiterWith({
      mode: 'enforce',
      rules: [{ by: 'identity', limit: 1, perSeconds: 60 }],
    });
    const spend = jest.spyOn(store, 'spend');
    limiter.admit({ identity: 'x'.repeat(5_000) });
    limiter.admit({ identity: `${'x'.repeat(4_999)}y` });
    const keys = spend.mock.calls.map(([key]) => key);
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(key.length).toBeLessThan(64);
  });
});
