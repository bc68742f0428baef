import { growthOf, judgeGrowth } from './growth.js';

/** Up and down, the same every time. */
const noise = (index: number) => Math.sin(index * 2.7) + Math.cos(index * 7.1);
const series = (count: number, at: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => at(index));

describe('the verdict of a soak', () => {
  it('is found on a straight line without doubt', () => {
    const growth = growthOf([1, 3, 5, 7]);
    expect(growth.perSample).toBeCloseTo(2);
    expect(growth.uncertainty).toBeCloseTo(0);
  });

  it.each([
    ['no leak', 0, 10],
    ['no leak', -3, 10],
    ['a leak', 4, 10],
  ] as const)('is %s for a growth of %d with noise', (verdict, growth, count) => {
    const samples = series(count, (index) => 100 + growth * index + noise(index));
    expect(judgeGrowth(growthOf(samples), 1)).toBe(verdict);
  });

  it('is none while the noise is larger than what is asked about, and becomes one with more samples', () => {
    const loud = (index: number) => 100 + 6 * noise(index);
    expect(judgeGrowth(growthOf(series(8, loud)), 0.5)).toBe('unclear');
    expect(judgeGrowth(growthOf(series(60, loud)), 0.5)).toBe('no leak');
  });

  it('takes neither the first nor the last sample for the whole: one that is far off does not decide', () => {
    const samples = series(12, (index) => (index === 11 ? 103 : 100 + 0.1 * noise(index)));
    expect(judgeGrowth(growthOf(samples), 1)).toBe('no leak');
  });

  it('needs three samples', () => {
    expect(() => growthOf([1, 2])).toThrow('three samples');
  });
});
