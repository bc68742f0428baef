import type { Logger } from '../../platform/logger.js';
import type { Money } from './orderDocument.js';

export interface CatalogRequest {
  readonly requestId: string;
  /** Gets the cause of a failure, which is not for clients. */
  readonly logger: Logger;
}

/** What orders need to know about products, and nothing more. */
export interface ProductCatalog {
  /**
   * Today's prices. Products that do not exist are missing from the map.
   * Fails with `SUBGRAPH_UNAVAILABLE`, `SUBGRAPH_TIMEOUT` or `SUBGRAPH_BAD_RESPONSE` when nobody can say.
   */
  pricesOf(productIds: readonly string[], request: CatalogRequest): Promise<ReadonlyMap<string, Money>>;
}
