import type { SubgraphContext } from '../shared/subgraphContext.js';
import type { ProductLoaders } from './loaders.js';

export interface ProductsContext extends SubgraphContext {
  readonly loaders: ProductLoaders;
}
