import { BucketKeys } from './bucketKeys.js';

describe('bucket keys', () => {
  const names = new BucketKeys('hg', 16);

  it('spread keys evenly over all buckets', () => {
    const counts = new Array<number>(16).fill(0);
    for (let index = 0; index < 16_000; index++) {
      const bucket = names.bucketOf(`products:Product:id=${index}`);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(700);
    expect(Math.max(...counts)).toBeLessThan(1_300);
  });

  it('name records so that their bucket can be told', () => {
    expect(names.record(3, 'a')).toBe('{hg:03}:r:a');
    expect(names.guard(3)).toBe('{hg:03}:guard');
    expect(names.bucketOfRecord('{hg:03}:r:{hg:04}:r:a')).toBe(3);
    expect(names.bucketOfRecord('{hg:99}:r:a')).toBeUndefined();
    expect(names.bucketOfRecord('{hg:03}:guard')).toBeUndefined();
  });
});
