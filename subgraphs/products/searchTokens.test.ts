import { queryTokens, searchTokens } from './searchTokens.js';

const finds = (text: string, ...stored: string[]) => {
  const tokens = new Set(searchTokens(...stored));
  return queryTokens(text).every((token) => tokens.has(token));
};

describe('search', () => {
  it.each([
    ['wire hea', 'Aurora Wireless Headphones'],
    ['HEADPHONES aurora', 'Aurora Wireless Headphones'],
    ['cafe', 'Café Grande'],
    ['CAFÉ', 'Cafe Grande'],
    ['clockmaker', 'The Clockmaker’s Garden'],
    ['usb c', 'Flux USB-C Hub'],
    ['книга', 'Новая книга'],
    ['boo-00001', 'BOO-00001'],
    ['electroencephalography', 'Electroencephalography for Beginners'],
    // Letters that are two units each in UTF-16.
    ['𞤀'.repeat(25), '𞤀'.repeat(25)],
  ])('%p finds %p', (text, name) => {
    expect(finds(text, name)).toBe(true);
  });

  it.each([
    ['eadphones', 'Aurora Wireless Headphones'],
    ['wireless speaker', 'Aurora Wireless Headphones'],
    ['electroencephal', 'Electronic'],
  ])('%p does not find %p', (text, name) => {
    expect(finds(text, name)).toBe(false);
  });

  it('finds a product by each word of the longest name, and by its SKU', () => {
    const words = Array.from({ length: 60 }, (_, index) => String.fromCodePoint(0x0430 + index));
    const name = words.join(' ').slice(0, 120);
    for (const word of words) expect([word, finds(word, name, 'BOO-00001')]).toEqual([word, true]);
    expect(finds('boo-00001', name, 'BOO-00001')).toBe(true);
  });

  it('asks for the longest word first, and for nothing when there is no word', () => {
    expect(queryTokens('a long headphone')).toEqual(['headphone', 'long', 'a']);
    expect(queryTokens(' -- !? ')).toEqual([]);
  });
});
