import DataLoader from 'dataloader';
import type { CausalContext } from '../../platform/database/database.js';
import { inSpan } from '../../platform/tracing/currentSpan.js';
import type { InventoryStore, StockLevel } from './store.js';

export interface InventoryLoaders {
  /** `null` for a product of which no stock is kept. */
  readonly level: DataLoader<string, StockLevel | null>;
}

/** New for each request: they remember what they read. */
export function createInventoryLoaders(store: InventoryStore, causal: CausalContext): InventoryLoaders {
  return {
    level: new DataLoader(async (productIds) => {
      const levels = await inSpan('batch stock', () => store.levels(productIds, causal));
      const byId = new Map(levels.map((level) => [level._id, level]));
      return productIds.map((id) => byId.get(id) ?? null);
    }),
  };
}
