import { formatOperationTime, laterOperationTime, parseOperationTime } from './operationTime.js';

describe('an operation time', () => {
  it('survives its way through text, to the last of its 64 bits', () => {
    for (const value of [0n, 1n, 7_711_499_851_665_506_305n, 2n ** 64n - 1n]) {
      expect(parseOperationTime(formatOperationTime('rs0.1f', value))).toEqual({ cluster: 'rs0.1f', value });
    }
  });

  it.each([
    '',
    '@',
    'rs0@',
    'rs0@12',
    `rs0@${'g'.repeat(16)}`,
    `@${'0'.repeat(16)}`,
    `a b@${'0'.repeat(16)}`,
    `\u0001@${'0'.repeat(16)}`,
    `日本@${'0'.repeat(16)}`,
  ])('is not %p', (text) => {
    expect(parseOperationTime(text)).toBeUndefined();
  });

  it('writes the name of a cluster so that it may stand in a header', () => {
    const time = formatOperationTime('日本 @1', 1n);
    expect(time).toMatch(/^[\x21-\x7e]+$/);
    expect(parseOperationTime(time)?.value).toBe(1n);
  });

  it('is compared within its cluster only', () => {
    const [early, late] = [formatOperationTime('a', 255n), formatOperationTime('a', 256n)];
    const other = formatOperationTime('b', 1n);
    expect(laterOperationTime(undefined, early)).toBe(early);
    expect(laterOperationTime(early, late)).toBe(late);
    expect(laterOperationTime(late, early)).toBe(late);
    expect(laterOperationTime(late, other)).toBe(other);
  });
});
