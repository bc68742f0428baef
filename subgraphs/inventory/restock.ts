import { badUserInput } from '../../platform/errors.js';
import { categoryOfProductId } from '../shared/productId.js';
import { requireInteger } from '../shared/validation.js';
import type { InventoryContext } from './context.js';
import { type InventoryStore, MAX_ON_HAND, type StockLevel } from './store.js';
import { availabilityTag } from './tags.js';

const MAX_QUANTITY = 1_000_000;

/**
 * A delivery arrived. A product without stock gets one: inventory does not ask products which ids exist, since goods
 * may be on the shelf before their page is, but it refuses what can be no product id at all.
 */
export async function restock(
  store: InventoryStore,
  { productId, quantity }: { readonly productId: string; readonly quantity: number },
  { causal, changed }: InventoryContext,
): Promise<StockLevel> {
  if (categoryOfProductId(productId) === undefined) throw badUserInput('productId', 'is not a product id.');
  requireInteger('quantity', quantity, { min: 1, max: MAX_QUANTITY });
  const level = await store.restock(productId, quantity, causal);
  if (!level) throw badUserInput('quantity', `would make more than ${MAX_ON_HAND} units.`);
  changed.add(availabilityTag(productId));
  return level;
}
