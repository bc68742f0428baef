import type { Filter, Sort } from '../../platform/database/database.js';
import { badUserInput } from '../../platform/errors.js';
import { requireInteger } from './validation.js';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** One order in which a list can be read. Ties are broken by `_id` in the same direction, so one index serves it. */
export interface ConnectionSort<T> {
  /** Stands in the cursor: a cursor of another order is refused instead of giving a wrong page. */
  readonly name: string;
  /** Path of the sorted field in the stored document. It must always be there, and never be `null`. */
  readonly field: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly direction: 1 | -1;
  /** Reads `field` from a document. */
  valueOf(document: T): string | number | Date;
}

export interface ConnectionArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** What a store needs to read one page. */
export interface Page {
  /** One more than asked for: the extra document only tells whether there is a next page. */
  readonly limit: number;
  readonly sort: Sort;
  /** Holds for everything behind the cursor. To be joined to other conditions by `$and`. */
  readonly filter: Filter | undefined;
}

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

interface Stored {
  readonly _id: string;
}

/** @throws CodedError `BAD_USER_INPUT` naming `first` (outside 1..100) or `after` (no cursor, or one of another order) */
export function readPage<T>(args: ConnectionArguments, sort: ConnectionSort<T>): Page {
  const first =
    args.first == null
      ? DEFAULT_PAGE_SIZE
      : requireInteger('first', args.first, { min: 1, max: MAX_PAGE_SIZE });
  return {
    limit: first + 1,
    sort: { [sort.field]: sort.direction, _id: sort.direction },
    filter: args.after == null ? undefined : keysetFilter(sort, args.after),
  };
}

/** @param documents what the store found for `page`, in its order */
export function toConnection<T extends Stored>(
  documents: readonly T[],
  page: Page,
  sort: ConnectionSort<T>,
): Connection<T> {
  const edges = documents
    .slice(0, page.limit - 1)
    .map((node) => ({ cursor: encodeCursor(sort, node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: documents.length >= page.limit,
      hasPreviousPage: page.filter !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

export function encodeCursor<T extends Stored>(sort: ConnectionSort<T>, document: T): string {
  const value = sort.valueOf(document);
  const plain = value instanceof Date ? value.getTime() : value;
  return Buffer.from(JSON.stringify([sort.name, plain, document._id])).toString('base64url');
}

/**
 * Everything behind the cursor. The range on the sorted field stands outside of the `$or`, so that the index is entered
 * at the cursor; inside it, a planner would read the list from its beginning.
 */
function keysetFilter<T>(sort: ConnectionSort<T>, cursor: string): Filter {
  const { value, id } = decodeCursor(sort, cursor);
  const [after, from] = sort.direction === 1 ? ['$gt', '$gte'] : ['$lt', '$lte'];
  if (sort.field === '_id') return { _id: { [after]: id } };
  return {
    [sort.field]: { [from]: value },
    $or: [{ [sort.field]: { [after]: value } }, { _id: { [after]: id } }],
  };
}

const MAX_CURSOR_LENGTH = 1_024;

function decodeCursor<T>(sort: ConnectionSort<T>, cursor: string): { value: unknown; id: string } {
  const bad = () => badUserInput('after', 'is not a cursor of this list in this order.');
  if (cursor.length > MAX_CURSOR_LENGTH) throw bad();
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw bad();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw bad();
  const [name, value, id] = parts as [unknown, unknown, unknown];
  if (name !== sort.name || typeof id !== 'string') throw bad();
  if (sort.type === 'string') {
    if (typeof value !== 'string') throw bad();
    return { value, id };
  }
  // Beyond this a Date is invalid, and would be stored as null.
  const limit = sort.type === 'date' ? 8.64e15 : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value) || Math.abs(value as number) > limit) throw bad();
  return { value: sort.type === 'date' ? new Date(value as number) : value, id };
}
