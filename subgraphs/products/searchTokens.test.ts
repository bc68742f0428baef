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

  it('asks for the longest word first, and for nothing when there is no word', () => {
    expect(queryTokens('a long headphone')).toEqual(['headphone', 'long', 'a']);
    expect(queryTokens(' -- !? ')).toEqual([]);
  });
});
