import type { ChangeEvent } from '../../platform/database/database.js';
import type { Logger } from '../../platform/logger.js';
import { readAsset } from '../../platform/readAsset.js';
import type { ChangeSource } from '../shared/changeSource.js';
import { createSubgraph, type Subgraph } from '../shared/subgraph.js';
import { createImageHandler } from './images.js';
import { createProductLoaders } from './loaders.js';
import { createMutations } from './mutations.js';
import { createProductChanged } from './productChanged.js';
import type { ProductDocument } from './productDocument.js';
import type { ProductsContext } from './productsContext.js';
import { createQueries } from './queries.js';
import type { ProductStore } from './store.js';
import { tagsOf } from './tagsOf.js';

export interface ProductsServerOptions {
  readonly store: ProductStore;
  readonly changes: ChangeSource;
  /** Gateways that read the invalidation feed know it. */
  readonly feedToken: string;
  /** The gateway signs identities with it. */
  readonly identitySecret: string;
  /** ISO 4217 code of all prices. @default 'EUR' */
  readonly currency?: string | undefined;
  /**
   * Put before image URLs of this shop, such as `https://cdn.example.com`, so that clients get absolute ones.
   * @default '' (`/images/…`, relative to wherever the subgraph's images are published)
   */
  readonly publicImageBaseUrl?: string | undefined;
  readonly logger: Logger;
  /** Rejects while requests could not be answered. */
  ready(): Promise<void>;
}

/** The products subgraph, without listening. */
export function createProductsServer(options: ProductsServerOptions): Subgraph {
  const { store, changes, currency = 'EUR' } = options;
  const imageBase = (options.publicImageBaseUrl ?? '').replace(/\/+$/, '');
  return createSubgraph<ProductsContext>({
    name: 'products',
    typeDefs: readAsset('subgraphs/products/typeDefs.graphql'),
    resolvers: {
      Query: createQueries(store),
      Mutation: createMutations(store, currency),
      Subscription: { productChanged: createProductChanged(changes, store) },
      Product: {
        __resolveReference: ({ id }: { id: string }, { loaders }: ProductsContext) =>
          loaders.byId.load(String(id)),
        id: (product: ProductDocument) => product._id,
        updatedAt: (product: ProductDocument) => product.updatedAt.toISOString(),
        imageUrls: ({ imageUrls }: ProductDocument) =>
          imageUrls.map((url) => (url.startsWith('/') ? `${imageBase}${url}` : url)),
      },
    },
    createContext: (base) => ({ ...base, loaders: createProductLoaders(store, base.causal) }),
    changes,
    tagsOf: (event) => tagsOf(event as ChangeEvent<ProductDocument>),
    feedToken: options.feedToken,
    identitySecret: options.identitySecret,
    routes: { '/images/': createImageHandler() },
    logger: options.logger,
    ready: options.ready,
  });
}
