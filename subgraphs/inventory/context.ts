import type { SubgraphContext } from '../shared/subgraphContext.js';
import type { InventoryLoaders } from './loaders.js';

export interface InventoryContext extends SubgraphContext {
  readonly loaders: InventoryLoaders;
}
