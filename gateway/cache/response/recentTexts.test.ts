import { RecentTexts } from './recentTexts.js';

const text = (index: number) => `${index}`.padStart(750, 'x');

describe('RecentTexts', () => {
  it('knows what it was told, until it was told much since', () => {
    const texts = new RecentTexts<number>(10_000);
    for (let index = 0; index < 5; index++) texts.set(text(index), index);
    expect(texts.get(text(0))).toBe(0);
    expect(texts.get(text(9))).toBeUndefined();
    for (let index = 10; index < 25; index++) texts.set(text(index), index);
    expect(texts.get(text(1))).toBeUndefined();
    expect(texts.get(text(24))).toBe(24);
  });

  it('keeps what is asked for, however much else comes', () => {
    const texts = new RecentTexts<string>(10_000);
    texts.set('wanted', 'value');
    for (let index = 0; index < 100; index++) {
      texts.set(text(index), 'other');
      expect(texts.get('wanted')).toBe('value');
    }
  });

  it('never holds more than it may', () => {
    const texts = new RecentTexts<number>(10_000);
    for (let index = 0; index < 100; index++) {
      texts.set(text(index), index);
      // Of a thousand characters each.
      expect(texts.size).toBeLessThanOrEqual(10);
    }
  });

  it('tells groups apart, and counts what they hold', () => {
    const texts = new RecentTexts<number>(10_000);
    const groups = Array.from({ length: 100 }, () => ({ characters: 2_500 }));
    for (const [index, group] of groups.entries()) {
      texts.set('same', index, group);
      expect(texts.get('same', group)).toBe(index);
      expect(texts.get('same')).toBeUndefined();
      // Of more than three thousand characters each: one in the younger half, and one in the older.
      expect(texts.size).toBeLessThanOrEqual(2);
    }
  });
});
