import { Sieve, type SieveItem } from './sieve.js';

interface Item extends SieveItem<Item> {
  readonly key: string;
}

const item = (key: string): Item => ({ key, wasUsed: false, newer: undefined, older: undefined });

function sieveOf(...keys: string[]): Sieve<Item> {
  const sieve = new Sieve<Item>();
  for (const key of keys) sieve.add(item(key));
  return sieve;
}

function drain(sieve: Sieve<Item>): string[] {
  const order: string[] = [];
  for (let next = sieve.pop(); next !== undefined; next = sieve.pop()) order.push(next.key);
  return order;
}

describe('Sieve', () => {
  it('drops the oldest first, where nothing was used', () => {
    const sieve = sieveOf('a', 'b', 'c');
    expect(drain(sieve)).toEqual(['a', 'b', 'c']);
    expect(sieve.size).toBe(0);
    sieve.add(item('d'));
    expect(drain(sieve)).toEqual(['d']);
  });

  it('passes over what was used, once for any number of uses; a look is none', () => {
    const sieve = sieveOf('a', 'b', 'c', 'd');
    for (const key of ['a', 'a', 'c']) sieve.get(key);
    sieve.peek('b');
    expect(drain(sieve)).toEqual(['b', 'a', 'c', 'd']);
  });

  it('keeps what is used again and again, however much comes that nobody uses', () => {
    const sieve = sieveOf('used');
    for (let index = 0; index < 1_000; index++) {
      sieve.add(item(`once ${index}`));
      if (sieve.size > 10) sieve.pop();
      if (index % 50 === 0) sieve.get('used');
    }
    expect(sieve.peek('used')).toBeDefined();
    expect(sieve.size).toBe(10);
  });

  it('drops at last what was used long ago, when new items are used', () => {
    const sieve = sieveOf('once popular');
    sieve.get('once popular');
    for (let index = 0; index < 100; index++) {
      sieve.add(item(`new ${index}`));
      sieve.get(`new ${index}`);
      if (sieve.size > 10) sieve.pop();
    }
    expect(sieve.peek('once popular')).toBeUndefined();
  });

  it('spares the newest, even where everything else was used', () => {
    const sieve = sieveOf('a', 'b');
    for (const key of ['a', 'b']) sieve.get(key);
    sieve.add(item('new'));
    expect(drain(sieve)).toEqual(['a', 'b', 'new']);
  });

  it('goes on where it was when the item there is removed, as any other', () => {
    const sieve = sieveOf('a', 'b', 'c', 'd', 'e');
    sieve.get('a');
    expect(sieve.pop()?.key).toBe('b');
    for (const key of ['c', 'e', 'a']) sieve.remove(sieve.peek(key) as Item);
    expect(drain(sieve)).toEqual(['d']);
  });

  it('holds the same items as a map, whatever is done to both', () => {
    const sieve = new Sieve<Item>();
    const keys = new Set<string>();
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let step = 0; step < 1_000; step++) {
      const key = `${random(40)}`;
      const known = sieve.peek(key);
      expect(known !== undefined).toBe(keys.has(key));
      const action = random(4);
      if (action === 0) sieve.get(key);
      if (action === 1 && known !== undefined) {
        sieve.remove(known);
        keys.delete(key);
      }
      if (action === 2) keys.delete(sieve.pop()?.key ?? '');
      if (action === 3 && known === undefined) {
        sieve.add(item(key));
        keys.add(key);
      }
      expect(sieve.size).toBe(keys.size);
    }
    expect(new Set(drain(sieve))).toEqual(keys);
  });
});
