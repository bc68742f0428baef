import { requireInteger, requireText } from './validation.js';

const refused = (argument: string) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', argument }) });

describe('requireText', () => {
  it('trims', () => {
    expect(requireText('name', '  Atlas ', { maxLength: 5 })).toBe('Atlas');
  });

  it.each([
    ['empty', ''],
    ['blank', '   '],
    ['too long', 'abcdef'],
    ['no text', 5],
  ])('refuses %s text and names the argument', (_case, value) => {
    expect(() => requireText('input.name', value, { maxLength: 5 })).toThrow(refused('input.name'));
  });

  it('allows nothing where nothing is enough', () => {
    expect(requireText('description', ' ', { minLength: 0, maxLength: 5 })).toBe('');
  });

  it('counts characters as people do', () => {
    expect(requireText('name', '👍👍', { maxLength: 2 })).toBe('👍👍');
    expect(() => requireText('name', '👍', { minLength: 2, maxLength: 5 })).toThrow(refused('name'));
  });
});

describe('requireInteger', () => {
  it('takes both ends of the range', () => {
    expect(requireInteger('first', 1, { min: 1, max: 100 })).toBe(1);
    expect(requireInteger('first', 100, { min: 1, max: 100 })).toBe(100);
  });

  it.each([0, 101, 1.5, Number.NaN, '5'])('refuses %p and names the argument', (value) => {
    expect(() => requireInteger('first', value, { min: 1, max: 100 })).toThrow(refused('first'));
  });
});
