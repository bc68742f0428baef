import { capacityTable, parseCosts, perCore } from './capacity.js';

describe('the capacity of a core', () => {
  it('follows from what requests cost and how many of each there are', () => {
    const costs = { hit: 0.1, entityHit: 1, miss: 2 };
    expect(perCore(costs, { hit: 1, entityHit: 0 })).toBeCloseTo(6000);
    expect(perCore(costs, { hit: 0, entityHit: 0 })).toBeCloseTo(300);
    expect(perCore(costs, { hit: 0.5, entityHit: 0.25 })).toBeCloseTo(600 / 0.8);
  });

  it('is what the table of cores is computed from', () => {
    const [, , half] = capacityTable({ hit: 0.1, entityHit: 1, miss: 2 }).split('\n');
    // 0.5 × 0.1 + 0.2 × 1 + 0.3 × 2 = 0.85 ms of 600 ms.
    expect(half?.split('|').map((cell) => cell.trim())).toEqual([
      ...['', '50.0 % / 20.0 % / 30.0 %', '706', '15', '142', '1417', ''],
    ]);
  });

  it.each(['', '1,2', '1,2,x', '1,2,0'])('is not computed from %p', (text) => {
    expect(() => parseCosts(text)).toThrow('HEADGATE_COSTS_MS');
  });
});
