import { readOperationList } from './readOperationList.js';

const manifest = (...operations: object[]) =>
  JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });

describe('a list of operations', () => {
  it('is read from a manifest', () => {
    const text = manifest({ id: 'a', name: 'A', type: 'query', body: 'query A { a }' });
    expect([...readOperationList(text)]).toEqual([['a', 'query A { a }']]);
  });

  it('is read from a map of ids and texts', () => {
    expect([...readOperationList('{"a":"{ a }","operations":"{ b }"}')]).toEqual([
      ['a', '{ a }'],
      ['operations', '{ b }'],
    ]);
  });

  it.each([
    ['is no JSON', '{', /JSON/],
    ['is empty', '{}', /no operation/],
    ['is an empty manifest', manifest(), /no operation/],
    ['has a text that is none', '{"a":1}', /^a: /],
    ['is a list', '["{ a }"]', /expected record/],
    ['is a manifest of another format', '{"format":"x","version":1,"operations":[]}', /^format: /],
    [
      'is a manifest of another version',
      '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
      /^version: /,
    ],
    ['has an operation without text', manifest({ id: 'a' }), /^operations\.0\.body: /],
    [
      'gives an id two meanings',
      manifest({ id: 'a', body: '{ a }' }, { id: 'a', body: '{ b }' }),
      /id a stands for two/,
    ],
  ])('is refused when it %s', (_what, text, reason) => {
    expect(() => readOperationList(text)).toThrow(reason);
  });
});
