import type { ConnectionSort } from '../shared/connection.js';
import type { ProductDocument } from './productDocument.js';
import { foldText } from './searchTokens.js';

export type ProductSortName = 'NAME_ASC' | 'PRICE_ASC' | 'PRICE_DESC' | 'NEWEST';

const byPrice = {
  field: 'price.amountMinor',
  type: 'integer',
  valueOf: (product: ProductDocument) => product.price.amountMinor,
} as const;

/** The orders of `products`; `collections.ts` has an index for each. */
export const PRODUCT_SORTS: Readonly<Record<ProductSortName, ConnectionSort<ProductDocument>>> = {
  NAME_ASC: {
    name: 'NAME_ASC',
    field: 'nameSort',
    type: 'string',
    direction: 1,
    valueOf: (product) => product.nameSort,
  },
  PRICE_ASC: { name: 'PRICE_ASC', direction: 1, ...byPrice },
  PRICE_DESC: { name: 'PRICE_DESC', direction: -1, ...byPrice },
  NEWEST: {
    name: 'NEWEST',
    field: 'createdAt',
    type: 'date',
    direction: -1,
    valueOf: (product) => product.createdAt,
  },
};

/** Search answers in order of name. Its name differs, so that a cursor of a list is not taken for one of a search. */
export const SEARCH_SORT: ConnectionSort<ProductDocument> = { ...PRODUCT_SORTS.NAME_ASC, name: 'SEARCH' };

const MAX_SORT_LENGTH = 80;

/** The name as lists sort it: without case and accents, and short enough for a cursor. */
export function nameSortKey(name: string): string {
  return [...foldText(name)].slice(0, MAX_SORT_LENGTH).join('');
}
