import type { GatewayConfigInput } from '../../gateway/config.js';
import { federationLink } from './federationLink.js';
import type { GatewayTesterOptions } from './gatewayTester.js';
import type { TestSubgraphContext } from './testSubgraph.js';

/** Three products of one subgraph, and their stock from another: the least graph whose plan is worth a look. */
export function planShop(
  config: GatewayConfigInput,
  cacheControl: { readonly products?: string; readonly inventory?: string } = {},
): GatewayTesterOptions {
  const says = (name: 'products' | 'inventory', fallback: string) => (context: TestSubgraphContext) =>
    context.setHeader('cache-control', cacheControl[name] ?? fallback);
  const products = says('products', 'max-age=60');
  const inventory = says('inventory', 'max-age=5');
  const names = new Map(['1', '2', '3'].map((id) => [id, `product ${id}`]));
  return {
    config,
    subgraphs: [
      {
        name: 'products',
        typeDefs: `${federationLink('@key')}
          type Query { products: [Product!]! }
          type Mutation { rename(id: ID!, name: String!): Product! }
          type Product @key(fields: "id") { id: ID! name: String! }`,
        resolvers: {
          Query: {
            products(_: unknown, _arguments: unknown, context: TestSubgraphContext) {
              products(context);
              return [...names].map(([id, name]) => ({ id, name }));
            },
          },
          Mutation: {
            rename(_: unknown, { id, name }: { id: string; name: string }, context: TestSubgraphContext) {
              names.set(id, name);
              context.extensions['headgate'] = { tags: [`Product:id=${id}`] };
              return { id, name };
            },
          },
        },
      },
      {
        name: 'inventory',
        typeDefs: `${federationLink('@key')}
          type Product @key(fields: "id") { id: ID! stock: Int! }`,
        resolvers: {
          Product: {
            __resolveReference({ id }: { id: string }, context: TestSubgraphContext) {
              inventory(context);
              return { id, stock: Number(id) * 10 };
            },
          },
        },
      },
    ],
  };
}
