import { type GatewayConfigInput, gatewayConfigSchema } from '../../gateway/config.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createStaticSource } from '../../gateway/supergraph/staticSource.js';
import { silentLogger } from '../../platform/logger.js';
import { type GraphqlClient, graphqlClient } from './graphqlClient.js';
import {
  SHOP_SECRETS,
  type ShopSubgraph,
  type ShopSubgraphs,
  type ShopSubgraphsOptions,
  startShopSubgraphs,
} from './startShopSubgraphs.js';

export interface ShopOptions extends ShopSubgraphsOptions {
  /** Of the gateway, beside what makes it one of a test. */
  readonly config?: GatewayConfigInput;
}

export interface Shop
  extends AsyncDisposable,
    Pick<GraphqlClient, 'ask'>,
    Pick<ShopSubgraphs, 'openedAt' | 'uris' | 'urls'> {
  /** Of the gateway, without a path. */
  readonly url: string;
  /** What a person does who says who they are. */
  askAs(customer: string, ...request: Parameters<GraphqlClient['ask']>): ReturnType<GraphqlClient['ask']>;
  /** Ends one subgraph; the others and the gateway go on. */
  stop(subgraph: ShopSubgraph): Promise<void>;
}

export const CUSTOMER_HEADER = 'x-user';

/** The sample system: three subgraphs with their sample data, composed, and a gateway before them, on free ports. */
export async function startShop({ config, ...options }: ShopOptions = {}): Promise<Shop> {
  const { openedAt, uris, urls, supergraphSdl, ...subgraphs } = await startShopSubgraphs(options);
  try {
    const gateway = await startGateway({
      config: gatewayConfigSchema.parse({
        ...config,
        port: 0,
        admin: { port: 0 },
        drainTimeoutMs: 500,
        identity: { trustedHeader: CUSTOMER_HEADER, secret: SHOP_SECRETS.identitySecret },
      }),
      source: createStaticSource(supergraphSdl),
      logger: options.logger ?? silentLogger(),
    });
    const { ask } = graphqlClient(gateway.url);
    return {
      url: gateway.url,
      openedAt,
      uris,
      urls,
      ask,
      askAs: (customer, query, variables, headers) =>
        ask(query, variables, { ...headers, [CUSTOMER_HEADER]: customer }),
      stop: subgraphs.stop,
      async [Symbol.asyncDispose]() {
        await gateway.stop();
        await subgraphs[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await subgraphs[Symbol.asyncDispose]();
    throw error;
  }
}
