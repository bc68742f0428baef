import { etagMatches } from './etagMatches.js';

describe('etagMatches', () => {
  it.each([
    ['the tag itself', '"a"', true],
    ['a weak form of it', 'W/"a"', true],
    ['a list with it', '"x", W/"a" , "y"', true],
    ['anything', ' * ', true],
    ['another tag', '"b"', false],
    ['a part of it', '"a', false],
    ['nothing', undefined, false],
    ['an empty list', '', false],
  ])('with %s', (_what, header, expected) => {
    expect(etagMatches(header, '"a"')).toBe(expected);
  });
});
