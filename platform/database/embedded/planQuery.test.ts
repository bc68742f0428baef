import type { Filter, IndexDefinition, Sort, StoredDocument } from '../database.js';
import { planQuery } from './planQuery.js';
import { SortedIndex } from './sortedIndex.js';

const COUNT = 5_000;
const documents = new Map<string, StoredDocument>(
  Array.from({ length: COUNT }, (_, index) => {
    const _id = `i${String(index).padStart(4, '0')}`;
    return [
      _id,
      { _id, category: `c${index % 10}`, price: (index * 37) % 500, tokens: [`t${index % 50}`, 'all'] },
    ];
  }),
);
const definitions: Pick<IndexDefinition, 'name' | 'key'>[] = [
  { name: '_id_', key: { _id: 1 } },
  { name: 'category_price', key: { category: 1, price: 1, _id: 1 } },
  { name: 'price', key: { price: -1, _id: -1 } },
  { name: 'tokens', key: { tokens: 1 } },
];
const indexes = definitions.map((definition) => new SortedIndex({ ...definition, reason: 'test' }));
for (const index of indexes) for (const document of documents.values()) index.add(document);

const plan = (filter: Filter, sort?: Sort) => {
  const { candidates, ordered } = planQuery(filter, sort, documents, indexes);
  return { candidates: [...candidates].length, ordered };
};

describe('a query plan of the embedded database', () => {
  const cases: [
    name: string,
    filter: Filter,
    sort: Sort | undefined,
    candidates: number,
    ordered: boolean,
  ][] = [
    ['one id', { _id: 'i0007', category: 'x' }, { price: 1 }, 1, true],
    ['many ids', { _id: { $in: ['i0001', 'i0002', 'nobody', 'i0002'] } }, undefined, 2, false],
    ['a page of a category by price', { category: 'c3' }, { price: 1, _id: 1 }, 500, true],
    ['the same backwards', { category: 'c3' }, { price: -1, _id: -1 }, 500, true],
    ['the same in mixed order', { category: 'c3' }, { price: 1, _id: -1 }, 500, false],
    ['a range within a category', { category: 'c3', price: { $gte: 33, $lt: 63 } }, { price: 1 }, 30, true],
    ['everything by price', {}, { price: 1, _id: 1 }, COUNT, true],
    ['a range of ids in order', { _id: { $gt: 'i4989' } }, { _id: 1 }, 10, true],
    ['several categories', { category: { $in: ['c1', 'c2'] } }, { price: 1 }, 1_000, false],
    ['a token', { tokens: 't7' }, { _id: 1 }, 100, false],
    ['all of several tokens', { tokens: { $all: ['t7', 'all'] } }, undefined, 100, true],
    ['any of several tokens, each document once', { tokens: { $in: ['t7', 'all'] } }, undefined, COUNT, true],
    ['conditions within $and', { $and: [{ category: 'c1' }, { price: 37 }] }, undefined, 10, true],
    ['a field without an index', { name: 'x' }, undefined, COUNT, true],
  ];
  it.each(cases)('for %s walks only what it must', (_name, filter, sort, candidates, ordered) => {
    expect(plan(filter, sort)).toEqual({ candidates, ordered });
  });

  it('uses a partial index only for filters that imply its condition', () => {
    const partial = new SortedIndex({
      name: 'cheap',
      key: { category: 1 },
      partialFilter: { price: 0 },
      reason: 'test',
    });
    for (const document of documents.values()) partial.add(document);
    const walked = (filter: Filter) =>
      [...planQuery(filter, undefined, documents, [partial]).candidates].length;
    expect(walked({ category: 'c0' })).toBe(COUNT);
    expect(walked({ category: 'c0', price: 0 })).toBe(10);
  });
});
