import type { GatewayConfigInput } from '../../gateway/config.js';
import { IDENTITY_HEADER, verifyIdentity } from '../../platform/identity.js';
import { federationLink } from './federationLink.js';
import { type GatewayTester, startGatewayTester } from './gatewayTester.js';
import type { TestSubgraphContext } from './testSubgraph.js';

const SECRET = 'the secret of the page gateway';

/** What a test can turn while the gateway runs. */
export interface PageGateway extends GatewayTester {
  readonly prices: Map<string, number>;
  /** What `products` sends as `Cache-Control`; `undefined` for nothing. */
  productsCacheControl: string | undefined;
  /** What `products` sends as `Age`. */
  productsAge: string | undefined;
  /** Tags that `products` puts on the answers to `product`. */
  productsTags: readonly string[];
  /** `Cache-Control` of `accounts`. */
  accountsCacheControl: string | undefined;
  /** Awaited by `accounts` before it answers. */
  holdAccounts: Promise<void> | undefined;
  /** How many requests have reached `accounts`, those it holds included. */
  accountsReached: number;
  /** Makes a product's price fail. */
  readonly broken: Set<string>;
  /** How many requests a subgraph has got. */
  asked(subgraph: 'products' | 'accounts' | 'visits'): number;
}

/**
 * A gateway before three subgraphs: `products` is public, `accounts` is told who asks, and `visits` shows each caller
 * something else without being told who it is, and says so.
 */
export async function startPageGateway(config: GatewayConfigInput = {}): Promise<PageGateway> {
  let visits = 0;
  const page = {
    prices: new Map([
      ['p1', 10],
      ['p2', 20],
    ]),
    productsCacheControl: 'max-age=60' as string | undefined,
    productsAge: undefined as string | undefined,
    productsTags: [] as readonly string[],
    accountsCacheControl: 'private, max-age=60' as string | undefined,
    holdAccounts: undefined as Promise<void> | undefined,
    accountsReached: 0,
    broken: new Set<string>(),
  };
  const product = (id: string) => (page.prices.has(id) ? { id } : null);
  const whoAsks = ({ headers }: TestSubgraphContext): string | null =>
    verifyIdentity(headers[IDENTITY_HEADER] as string | undefined, SECRET)?.subject ?? null;

  const tester = await startGatewayTester({
    config: {
      ...config,
      identity: { trustedHeader: 'x-user', secret: SECRET },
      subgraphs: {
        all: { forwardIdentity: false, ...config.subgraphs?.all },
        byName: { accounts: { forwardIdentity: true }, ...config.subgraphs?.byName },
      },
    },
    subgraphs: [
      {
        name: 'products',
        typeDefs: `${federationLink('@key')}
          type Query { product(id: ID!): Product echo(text: String): String seenUser: String seenTenant: String }
          type Mutation { setPrice(id: ID!, price: Int!): Product }
          type Product @key(fields: "id") { id: ID! price: Int description(length: Int!): String }`,
        resolvers: {
          Query: {
            product(_: unknown, { id }: { id: string }, { extensions }: TestSubgraphContext) {
              if (page.productsTags.length > 0) extensions['headgate'] = { cacheTags: page.productsTags };
              return product(id);
            },
            echo: (_: unknown, { text }: { text: string }) => text,
            seenUser: (_: unknown, _args: unknown, context: TestSubgraphContext) =>
              whoAsks(context) ?? 'nobody',
            seenTenant: (_: unknown, _args: unknown, { headers }: TestSubgraphContext) =>
              JSON.stringify([headers['x-tenant'], headers['x-region']]),
          },
          Mutation: {
            setPrice(
              _: unknown,
              { id, price }: { id: string; price: number },
              { extensions }: TestSubgraphContext,
            ) {
              page.prices.set(id, price);
              extensions['headgate'] = { tags: [`Product:id=${id}`] };
              return { id };
            },
          },
          Product: {
            __resolveReference: ({ id }: { id: string }) => product(id),
            price({ id }: { id: string }) {
              if (page.broken.has(id)) throw new Error('no price today');
              return page.prices.get(id);
            },
            description: (_: unknown, { length }: { length: number }) => 'warm and dry '.repeat(length / 13),
          },
        },
        async intercept(_request, response, next) {
          const { productsCacheControl, productsAge } = page;
          if (productsCacheControl !== undefined) response.setHeader('cache-control', productsCacheControl);
          if (productsAge !== undefined) response.setHeader('age', productsAge);
          await next();
        },
      },
      {
        name: 'accounts',
        typeDefs: `${federationLink('@key')}
          type Query { me: Account greeting: String }
          type Account { name: String! favourite: Product }
          type Product @key(fields: "id", resolvable: false) { id: ID! }`,
        resolvers: {
          Query: {
            me: (_: unknown, _args: unknown, context: TestSubgraphContext) => {
              const name = whoAsks(context);
              return name === null ? null : { name, favourite: { id: 'p1' } };
            },
            greeting: (_: unknown, _args: unknown, context: TestSubgraphContext) =>
              `Hello ${whoAsks(context) ?? 'stranger'}`,
          },
        },
        async intercept(_request, response, next) {
          page.accountsReached += 1;
          await page.holdAccounts;
          const { accountsCacheControl } = page;
          if (accountsCacheControl !== undefined) response.setHeader('cache-control', accountsCacheControl);
          await next();
        },
      },
      {
        name: 'visits',
        typeDefs: `${federationLink()}
          type Query { visit: Int }`,
        resolvers: {
          Query: {
            visit: () => {
              visits += 1;
              return visits;
            },
          },
        },
        async intercept(_request, response, next) {
          response.setHeader('cache-control', 'private, max-age=60');
          await next();
        },
      },
    ],
  });
  return Object.assign(page, tester, {
    asked: (subgraph: string) => tester.subgraph(subgraph).received.length,
    [Symbol.asyncDispose]: () => tester[Symbol.asyncDispose](),
  });
}
