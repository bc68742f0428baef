import { createCaller } from './caller.js';
import { createVerifiedTokens } from './verifiedTokens.js';

const ada = (expiresAt: number) => ({ ...createCaller({ subject: 'ada' }), expiresAt });

describe('verified tokens', () => {
  it('are known until the moment they expire', () => {
    let now = 1000;
    const tokens = createVerifiedTokens({ maxEntries: 10, maxBytes: 100_000, now: () => now });
    tokens.set('t', ada(2000));
    now = 1999;
    expect(tokens.get('t')?.identity?.subject).toBe('ada');
    now = 2000;
    expect(tokens.get('t')).toBeUndefined();
    expect(tokens.size).toBe(0);
  });

  it('are not kept when they have expired already', () => {
    const tokens = createVerifiedTokens({ maxEntries: 10, maxBytes: 100_000, now: () => 3000 });
    tokens.set('t', ada(3000));
    expect(tokens.size).toBe(0);
  });

  it('are bounded in number and in bytes', () => {
    const tokens = createVerifiedTokens({ maxEntries: 5, maxBytes: 1_000_000, now: () => 0 });
    for (let index = 0; index < 100; index++) tokens.set(`t${index}`, ada(1));
    expect(tokens.size).toBe(5);
    const narrow = createVerifiedTokens({ maxEntries: 100, maxBytes: 20_000, now: () => 0 });
    for (let index = 0; index < 100; index++) narrow.set(`${index}`.padEnd(2_000, 't'), ada(1));
    expect(narrow.size).toBeLessThan(5);
  });
});
