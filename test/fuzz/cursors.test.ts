import fc from 'fast-check';
import { CodedError } from '../../platform/errors.js';
import {
  type Connection,
  type ConnectionSort,
  encodeCursor,
  type Page,
  readPage,
  toConnection,
} from '../../subgraphs/shared/connection.js';
import { fuzzed } from '../support/fuzz.js';

interface Item {
  readonly _id: string;
  readonly value: string | number | Date;
}

const sorts = (['string', 'integer', 'date'] as const).flatMap((type) =>
  ([1, -1] as const).map(
    (direction): ConnectionSort<Item> => ({
      name: `${type}${direction}`,
      field: 'value',
      type,
      direction,
      valueOf: ({ value }) => value,
    }),
  ),
);
const anySort = fc.constantFrom(...sorts);
// As stored text: UTF-8 has no halves of surrogate pairs.
const word = fc.string({ unit: 'grapheme', maxLength: 20 });
const valueOfType = {
  string: word,
  integer: fc.maxSafeInteger(),
  date: fc.date({ noInvalidDate: true }),
};
const stored = anySort.chain((sort) =>
  fc.record({
    sort: fc.constant(sort),
    item: fc.record({ _id: word, value: valueOfType[sort.type] as fc.Arbitrary<Item['value']> }),
  }),
);

function refusalOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return `${error.code} ${String(error.extensions['argument'])}`;
  }
}

describe('cursors', () => {
  it('carry every value that can be stored, exactly', () => {
    fc.assert(
      fc.property(stored, ({ sort, item }) => {
        const [after, from] = sort.direction === 1 ? ['$gt', '$gte'] : ['$lt', '$lte'];
        expect(readPage({ after: encodeCursor(sort, item) }, sort).filter).toEqual({
          value: { [from]: item.value },
          $or: [{ value: { [after]: item.value } }, { _id: { [after]: item._id } }],
        });
      }),
      fuzzed(500),
    );
  });

  it('are refused in another order than their own', () => {
    fc.assert(
      fc.property(stored, anySort, ({ sort, item }, other) => {
        fc.pre(other !== sort);
        expect(refusalOf(() => readPage({ after: encodeCursor(sort, item) }, other))).toBe(
          'BAD_USER_INPUT after',
        );
      }),
      fuzzed(300),
    );
  });

  it('that are forged are refused, or hold one plain value of the right type, never a query', () => {
    const parts = fc.tuple(
      fc.constantFrom(...sorts.map(({ name }) => name)),
      fc.jsonValue(),
      fc.oneof(word, fc.jsonValue()),
    );
    const json = fc
      .oneof(parts, fc.jsonValue())
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'));
    fc.assert(
      fc.property(anySort, fc.oneof(json, fc.string({ unit: 'binary' })), (sort, after) => {
        const refusal = refusalOf(() => readPage({ after }, sort));
        if (refusal !== undefined) {
          expect(refusal).toBe('BAD_USER_INPUT after');
          return;
        }
        const filter = readPage({ after }, sort).filter as {
          value: Record<string, unknown>;
          $or: [unknown, { _id: Record<string, unknown> }];
        };
        const [value] = Object.values(filter.value);
        const [id] = Object.values(filter.$or[1]._id);
        expect(typeof id).toBe('string');
        if (sort.type === 'date') expect((value as Date).getTime()).not.toBeNaN();
        else expect(typeof value).toBe(sort.type === 'integer' ? 'number' : 'string');
      }),
      fuzzed(600),
    );
  });

  it('lead through a list once each, in order, whatever it holds and however large the pages are', () => {
    const list = fc.uniqueArray(
      fc.record({ _id: fc.stringMatching(/^[a-z]{1,3}$/), value: fc.integer({ min: 0, max: 5 }) }),
      {
        selector: ({ _id }) => _id,
        maxLength: 30,
      },
    );
    const numeric = fc.constantFrom(...sorts.filter(({ type }) => type === 'integer'));
    fc.assert(
      fc.property(list, numeric, fc.integer({ min: 1, max: 7 }), (items, sort, first) => {
        const ordered = [...items].sort(
          (a, b) => sort.direction * (a.value - b.value || (a._id < b._id ? -1 : 1)),
        );
        const read: string[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const page: Page = readPage({ first, after }, sort);
          const found = ordered.filter((item) => isBehind(item, page.filter)).slice(0, page.limit);
          const { edges, pageInfo }: Connection<Item> = toConnection<Item>(found, page, sort);
          read.push(...edges.map(({ node }) => node._id));
          after = pageInfo.endCursor;
          more = pageInfo.hasNextPage;
        }
        expect(read).toEqual(ordered.map(({ _id }) => _id));
      }),
      fuzzed(300),
    );
  });

  it('give way to first: a whole number from 1 to 100, or a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer({ min: -3, max: 105 })), anySort, (first, sort) => {
        const isFine = Number.isInteger(first) && first >= 1 && first <= 100;
        expect(refusalOf(() => readPage({ first }, sort))).toBe(isFine ? undefined : 'BAD_USER_INPUT first');
      }),
      fuzzed(500),
    );
  });
});

/** What a database does with the filter of a page, for numbers and ids. */
function isBehind(item: Item, filter: unknown): boolean {
  return Object.entries((filter ?? {}) as Record<string, unknown>).every(([key, condition]) =>
    key === '$or'
      ? (condition as unknown[]).some((one) => isBehind(item, one))
      : Object.entries(condition as Record<string, string | number>).every(([operator, bound]) => {
          const value = item[key as keyof Item] as string | number;
          if (operator === '$gt') return value > bound;
          if (operator === '$gte') return value >= bound;
          if (operator === '$lt') return value < bound;
          return value <= bound;
        }),
  );
}
