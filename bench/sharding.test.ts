import { PLACEMENTS, reshard } from './sharding.js';

describe('the simulation of resharding', () => {
  const of = (name: string) => reshard(PLACEMENTS[name] as NonNullable<(typeof PLACEMENTS)[string]>, 3, 4);

  it.each(['ranges of the key', 'ranges of its hash'])(
    'moves hardly more than has to move, by %s',
    (name) => {
      const { moved, least } = of(name);
      expect(moved).toBeGreaterThan(0.8 * least);
      expect(moved).toBeLessThan(1.1 * least);
    },
  );

  it('moves about what has to move by consistent hashing, and three quarters by modulo', () => {
    expect(of('consistent hashing').moved).toBeLessThan(0.35);
    expect(of('hash modulo shards').moved).toBeGreaterThan(0.7);
  });

  it('says the same each time, and nothing moves when nothing is added', () => {
    const place = PLACEMENTS['ranges of its hash'] as NonNullable<(typeof PLACEMENTS)[string]>;
    expect(reshard(place, 3, 4)).toEqual(reshard(place, 3, 4));
    expect(reshard(place, 3, 3).moved).toBe(0);
  });
});
