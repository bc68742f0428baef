import { type ConnectionSort, encodeCursor, readPage, toConnection } from './connection.js';

interface Item {
  readonly _id: string;
  readonly rank: number;
  readonly at: Date;
}

const byRank: ConnectionSort<Item> = {
  name: 'RANK',
  field: 'rank',
  type: 'integer',
  direction: -1,
  valueOf: ({ rank }) => rank,
};
const byTime: ConnectionSort<Item> = {
  name: 'TIME',
  field: 'at',
  type: 'date',
  direction: 1,
  valueOf: ({ at }) => at,
};
const item = (rank: number): Item => ({ _id: `i${rank}`, rank, at: new Date(rank) });
const refused = (argument: string) =>
  expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', argument }) });
const forged = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

describe('readPage', () => {
  it('asks for 20 and one more, with the id as the last word, when nothing is said', () => {
    expect(readPage({}, byRank)).toEqual({ limit: 21, sort: { rank: -1, _id: -1 }, filter: undefined });
  });

  it.each([0, -1, 101, 1.5])('refuses first: %p', (first) => {
    expect(() => readPage({ first }, byRank)).toThrow(refused('first'));
  });

  it('goes on behind the cursor, bounded on the sorted field itself', () => {
    expect(readPage({ after: encodeCursor(byRank, item(7)) }, byRank).filter).toEqual({
      rank: { $lte: 7 },
      $or: [{ rank: { $lt: 7 } }, { _id: { $lt: 'i7' } }],
    });
  });

  it('carries dates to the millisecond', () => {
    expect(readPage({ after: encodeCursor(byTime, item(1234)) }, byTime).filter).toMatchObject({
      at: { $gte: new Date(1234) },
    });
  });

  it.each([
    ['nonsense', 'nonsense'],
    ['empty', ''],
    ['of another order', encodeCursor(byTime, item(1))],
    ['with a query in place of a value', forged(['RANK', { $gt: 0 }, 'i1'])],
    ['with a query in place of an id', forged(['RANK', 1, { $gt: '' }])],
    ['with a fraction', forged(['RANK', 1.5, 'i1'])],
    ['with too much', forged(['RANK', 1, 'i1', 'more'])],
    ['huge', forged(['RANK', 1, 'x'.repeat(2_000)])],
  ])('refuses a cursor that is %s', (_case, after) => {
    expect(() => readPage({ after }, byRank)).toThrow(refused('after'));
  });

  it('refuses a date that no calendar has', () => {
    expect(() => readPage({ after: forged(['TIME', 9e15, 'i1']) }, byTime)).toThrow(refused('after'));
  });
});

describe('toConnection', () => {
  it('leaves out the extra document and says that there is more', () => {
    const page = readPage({ first: 2 }, byRank);
    const { edges, pageInfo } = toConnection([item(3), item(2), item(1)], page, byRank);
    expect(edges.map(({ node }) => node.rank)).toEqual([3, 2]);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges[1]?.cursor,
    });
  });

  it('says that the last page is the last, and where it began', () => {
    const page = readPage({ first: 2, after: encodeCursor(byRank, item(3)) }, byRank);
    expect(toConnection([item(2), item(1)], page, byRank).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: true,
    });
  });

  it('has no cursors on an empty page', () => {
    expect(toConnection([], readPage({}, byRank), byRank).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });
});
