import type { ChangeEvent } from '../../platform/database/database.js';
import { badUserInput } from '../../platform/errors.js';
import type { ChangeSource } from '../shared/changeSource.js';
import { imageOf } from '../shared/imageOf.js';
import { liveField } from '../shared/liveField.js';
import { categoryOfProductId } from '../shared/productId.js';
import { PRODUCTS_COLLECTION } from './collections.js';
import type { ProductDocument } from './productDocument.js';
import { readCategory } from './productInput.js';
import type { ProductStore } from './store.js';

const KINDS = { insert: 'CREATED', update: 'UPDATED', delete: 'DELETED' } as const;

export interface ProductChange {
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly productId: string;
  readonly category: string;
  /** Asked for when a subscriber selects it. */
  product(): ProductDocument | null | Promise<ProductDocument | null>;
}

interface Arguments {
  readonly id?: string | null;
  readonly category?: string | null;
}

/** The subscription `productChanged`. */
export function createProductChanged(changes: ChangeSource, store: ProductStore) {
  return liveField<Arguments, unknown, ProductChange>(changes, (args) => {
    const category = readCategory(args.category);
    if (args.id != null && categoryOfProductId(args.id) === undefined) {
      throw badUserInput('id', 'is not the id of a product.');
    }
    return {
      select(change) {
        if (change.kind !== 'change' || change.collection !== PRODUCTS_COLLECTION.name) return undefined;
        if (args.id != null && change.id !== args.id) return undefined;
        const own = categoryOfProductId(change.id);
        if (own === undefined || (category !== undefined && own !== category)) return undefined;
        return toProductChange(change as ChangeEvent<ProductDocument>, own, store);
      },
    };
  });
}

function toProductChange(
  change: ChangeEvent<ProductDocument>,
  category: string,
  store: ProductStore,
): ProductChange {
  const { operation, id } = change;
  return {
    kind: KINDS[operation],
    productId: id,
    category,
    product: async () => {
      if (operation === 'delete') return null;
      return imageOf(change, async (_id, causal) => (await store.byIds([id], causal))[0] ?? null);
    },
  };
}
