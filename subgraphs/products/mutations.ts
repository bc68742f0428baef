import { CodedError } from '../../platform/errors.js';
import { categoryOfProductId } from '../shared/productId.js';
import { requireInteger } from '../shared/validation.js';
import type { ProductDocument } from './productDocument.js';
import {
  type CreateProductInput,
  readCreateInput,
  readUpdateInput,
  skuTaken,
  type UpdateProductInput,
} from './productInput.js';
import type { ProductsContext } from './productsContext.js';
import type { ProductStore } from './store.js';
import { tagsOf } from './tagsOf.js';

interface UpdateArguments {
  readonly id: string;
  readonly input: UpdateProductInput;
  readonly ifVersion?: number | null;
}

export function createMutations(store: ProductStore, currency: string) {
  return {
    async createProduct(
      _: unknown,
      { input }: { input: CreateProductInput },
      { changed, causal, loaders }: ProductsContext,
    ): Promise<ProductDocument> {
      const draft = readCreateInput(input, currency);
      const product = await store.create(draft, causal);
      if (product === undefined) throw skuTaken(draft.sku);
      changed.add(...tagsOf({ operation: 'insert', id: product._id, before: undefined, after: product }));
      loaders.byId.clear(product._id);
      return product;
    },

    async updateProduct(
      _: unknown,
      { id, input, ifVersion }: UpdateArguments,
      { changed, causal, loaders }: ProductsContext,
    ): Promise<ProductDocument | null> {
      const patch = readUpdateInput(input, categoryOfProductId(id), currency);
      if (ifVersion != null) requireInteger('ifVersion', ifVersion, { min: 1, max: 2 ** 31 - 1 });
      const result = await store.update(id, patch, ifVersion ?? undefined, causal);
      if (result.outcome === 'notFound') return null;
      if (result.outcome === 'otherVersion') {
        throw new CodedError('CONFLICT', `The product is in version ${result.version} by now.`, {
          extensions: { argument: 'ifVersion', version: result.version },
        });
      }
      const { before, after } = result;
      changed.add(...tagsOf({ operation: 'update', id, before, after }));
      loaders.byId.clear(id);
      return after;
    },

    async deleteProduct(
      _: unknown,
      { id }: { id: string },
      { changed, causal, loaders }: ProductsContext,
    ): Promise<string | null> {
      const before = await store.delete(id, causal);
      if (before === null) return null;
      changed.add(...tagsOf({ operation: 'delete', id, before, after: undefined }));
      loaders.byId.clear(id);
      return id;
    },
  };
}
