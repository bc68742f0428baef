import { badUserInput } from '../../platform/errors.js';
import { type Connection, type ConnectionArguments, readPage, toConnection } from '../shared/connection.js';
import { requireText } from '../shared/validation.js';
import { CATEGORIES } from './categories.js';
import type { ProductDocument } from './productDocument.js';
import { readCategory, readListFilter } from './productInput.js';
import { PRODUCT_SORTS, type ProductSortName, SEARCH_SORT } from './productSorts.js';
import type { ProductsContext } from './productsContext.js';
import { queryTokens } from './searchTokens.js';
import type { ProductStore } from './store.js';

interface ListArguments extends ConnectionArguments {
  readonly category?: string | null;
  readonly filter?: Parameters<typeof readListFilter>[0];
  readonly sort?: ProductSortName | null;
}

interface SearchArguments extends ConnectionArguments {
  readonly text: string;
  readonly category?: string | null;
}

export function createQueries(store: ProductStore) {
  return {
    product: (_: unknown, { id }: { id: string }, { loaders }: ProductsContext) => loaders.byId.load(id),

    async productBySku(_: unknown, args: { sku: string }, { loaders, causal }: ProductsContext) {
      const { sku } = args;
      requireText('sku', sku, { maxLength: 40 });
      const id = await store.idOfSku(sku, causal);
      const product = id === undefined ? null : await loaders.byId.load(id);
      // A reservation may be ahead of its product, or left from one that was never written.
      return product?.sku === sku ? product : null;
    },

    async products(
      _: unknown,
      args: ListArguments,
      { causal }: ProductsContext,
    ): Promise<Connection<ProductDocument>> {
      const sort = PRODUCT_SORTS[args.sort ?? 'NEWEST'];
      const page = readPage(args, sort);
      const category = readCategory(args.category);
      const filter = readListFilter(args.filter);
      return toConnection(await store.list({ category, filter, page }, causal), page, sort);
    },

    async searchProducts(
      _: unknown,
      args: SearchArguments,
      { causal }: ProductsContext,
    ): Promise<Connection<ProductDocument>> {
      const tokens = queryTokens(requireText('text', args.text, { maxLength: 100 }));
      if (tokens.length === 0) throw badUserInput('text', 'must have a letter or a digit.');
      const page = readPage(args, SEARCH_SORT);
      const category = readCategory(args.category);
      return toConnection(await store.search({ category, tokens, page }, causal), page, SEARCH_SORT);
    },

    categories: () => CATEGORIES,
  };
}
