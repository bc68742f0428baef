import { canonicalJson } from './canonicalJson.js';
import { entityKey, type FetchKeyInput, fetchKey } from './fetchKeys.js';

const base: FetchKeyInput = {
  subgraph: 'a',
  fingerprint: 'f',
  queryKey: 'q',
  variables: {},
  headers: {},
  identityKey: undefined,
};
const key = (input: Partial<FetchKeyInput> = {}) => fetchKey({ ...base, ...input });

describe('keys', () => {
  it('do not depend on the order of variables and headers, nor on what is undefined', () => {
    expect(key({ variables: { a: 1, b: { d: [1], c: 2 }, e: undefined } })).toBe(
      key({ variables: { b: { c: 2, d: [1] }, a: 1 } }),
    );
    expect(key({ headers: { a: '1', b: '2' } })).toBe(key({ headers: { b: '2', a: '1' } }));
  });

  it('differ wherever anything differs, also where texts put together would be equal', () => {
    const inputs: Partial<FetchKeyInput>[] = [
      {},
      { subgraph: 'a|f', fingerprint: '' },
      { subgraph: 'af', fingerprint: '' },
      { subgraph: '', fingerprint: 'af' },
      { subgraph: 'a"', fingerprint: ',"f' },
      { fingerprint: 'fq', queryKey: '' },
      { variables: { a: 1 } },
      { variables: { a: '1' } },
      { variables: { a: [1] } },
      { variables: { a: { 0: 1 } } },
      { variables: { a: null } },
      { variables: { 'a":1,"b': 2 } },
      { variables: { a: 1, b: 2 } },
      { variables: { a: true } },
      { variables: { a: 'true' } },
      { variables: { a: '' } },
      { headers: { a: '1' } },
      { headers: { a: '1, b: 2' } },
      { headers: { a: '1', b: '2' } },
      { identityKey: 'x' },
      { identityKey: 'null' },
      { identityKey: '' },
      { headers: { x: 'x' } },
      { variables: { x: 'x' } },
    ];
    const keys = inputs.map(key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const one of keys) expect(one).toMatch(/^f:[\w-]{43}$/);
  });

  it('of entities differ by representation, and from those of root fetches', () => {
    const stem = key();
    const keys = [
      entityKey(stem, { __typename: 'A', id: '1' }),
      entityKey(stem, { __typename: 'A', id: 1 }),
      entityKey(stem, { __typename: 'A', id: ['1'] }),
      entityKey(stem, { __typename: 'A', id: '1', sku: null }),
      entityKey(key({ variables: { first: 1 } }), { __typename: 'A', id: '1' }),
      stem,
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(entityKey(stem, { id: '1', __typename: 'A' })).toBe(keys[0]);
  });

  it('of entities stay short, however long a representation is, and differ by it still', () => {
    const stem = key();
    const [one, other] = ['a', 'b'].map((end) => entityKey(stem, { id: 'x'.repeat(10_000) + end }));
    expect(one).not.toBe(other);
    expect(one).toHaveLength(`e:${stem}:`.length + 43);
  });
});

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: [undefined, null, { d: 1, c: undefined }] }, '{"a":[null,null,{"d":1}],"b":1}'],
    ['\u2028"', JSON.stringify('\u2028"')],
    [Number.NaN, 'null'],
    [-0, '0'],
    [undefined, 'null'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])('of %p is %s', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });
});
