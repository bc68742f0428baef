import { AdaptiveLimit } from './adaptiveLimit.js';

const openLimit = () => new AdaptiveLimit({ min: 4, max: 100, maxDelayMs: 50, maxHeapRatio: 0.9 });

function begin(limit: AdaptiveLimit, count: number): number {
  let admitted = 0;
  for (let index = 0; index < count; index++) if (limit.begin()) admitted += 1;
  return admitted;
}

describe('the adaptive limit', () => {
  it('lets as many in as its maximum, and one more for each that ends', () => {
    const limit = openLimit();
    expect(begin(limit, 120)).toBe(100);
    limit.end();
    expect(begin(limit, 2)).toBe(1);
  });

  it('falls from what was under way while the event loop is late, and never below its minimum', () => {
    const limit = openLimit();
    begin(limit, 40);
    limit.observe(51, 0.5);
    expect(limit.limit).toBe(30);
    expect(limit.begin()).toBe(false);
    for (let count = 0; count < 20; count++) limit.observe(500, 0.5);
    expect(limit.limit).toBe(4);
  });

  it('falls while the heap is nearly full, too', () => {
    const limit = openLimit();
    begin(limit, 40);
    limit.observe(1, 0.9);
    expect(limit.limit).toBe(100);
    limit.observe(1, 0.91);
    expect(limit.limit).toBe(30);
  });

  it('rises again while it holds requests back and the event loop is in time', () => {
    const limit = openLimit();
    begin(limit, 40);
    limit.observe(51, 0.5);
    for (let count = 0; count < 40; count++) limit.end();
    limit.observe(1, 0.5);
    expect(limit.limit).toBe(33);
    // Now it holds nobody back.
    limit.observe(1, 0.5);
    expect(limit.limit).toBe(33);
    for (let round = 0; round < 30; round++) {
      const admitted = begin(limit, 200);
      limit.observe(1, 0.5);
      for (let count = 0; count < admitted; count++) limit.end();
    }
    expect(limit.limit).toBe(100);
  });

  it('does not forget who is under way when it falls', () => {
    const limit = openLimit();
    begin(limit, 40);
    limit.observe(51, 0.5);
    for (let count = 0; count < 11; count++) limit.end();
    expect(limit.underWay).toBe(29);
    expect(begin(limit, 5)).toBe(1);
  });
});
