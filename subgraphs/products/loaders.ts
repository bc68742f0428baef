import DataLoader from 'dataloader';
import type { CausalContext } from '../../platform/database/database.js';
import { inSpan } from '../../platform/tracing/currentSpan.js';
import type { ProductDocument } from './productDocument.js';
import type { ProductStore } from './store.js';

export interface ProductLoaders {
  readonly byId: DataLoader<string, ProductDocument | null>;
}

/** New for each request: they remember what they loaded. */
export function createProductLoaders(store: ProductStore, causal: CausalContext): ProductLoaders {
  return {
    byId: new DataLoader((ids) => inSpan('batch products', () => store.byIds(ids, causal)), {
      maxBatchSize: 500,
    }),
  };
}
