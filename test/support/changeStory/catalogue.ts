import { federationLink } from '../federationLink.js';
import { TestChannel } from '../testChannel.js';
import type { TestSubgraphContext, TestSubgraphDefinition } from '../testSubgraph.js';

const LINK = federationLink('@key', '@override');

/** What the schema of products says of itself, so that each answer tells which graph it came from. */
function productsTypes(version: string, fields: string): string {
  return `${LINK}
    type Query { product(id: ID!): Product }
    type Subscription { productChanged: Product! }
    "${version}" type Product @key(fields: "id") { id: ID! name: String! ${fields} }`;
}

const PRICING_TYPES = `${LINK}
  type Product @key(fields: "id") { id: ID! price: Int! @override(from: "products") }`;

/** One thing that teams do to the graph, one after the other. */
export interface Step {
  readonly title: string;
  /** Schemas that are published together, by subgraph. */
  readonly publish?: Readonly<Record<string, string>>;
  /** Number of a version. */
  readonly rollbackTo?: number;
  /** What answers say from then on. */
  readonly serves: string;
  /** Whether the registry has to refuse it. */
  readonly isBroken?: boolean;
}

export const FIRST: Step = {
  title: 'before any change',
  publish: { products: productsTypes('v1', 'price: Int!') },
  serves: 'v1',
};

export const STEPS: readonly Step[] = [
  {
    title: 'a field is added',
    publish: { products: productsTypes('v2', 'price: Int! colour: String') },
    serves: 'v2',
  },
  {
    title: 'a field moves behind @override',
    publish: {
      products: productsTypes('v3', 'price: Int! colour: String'),
      pricing: PRICING_TYPES,
    },
    serves: 'v3',
  },
  {
    title: 'its old owner calls it something else',
    publish: { products: productsTypes('v4', 'listPrice: Int! colour: String') },
    serves: 'v4',
  },
  {
    title: 'a broken schema',
    publish: { products: productsTypes('v5', 'price: Missing') },
    isBroken: true,
    serves: 'v4',
  },
  { title: 'a rollback', rollbackTo: 2, serves: 'v2' },
];

export interface ChangedProduct {
  readonly id: string;
  readonly name: string;
}

/** The subgraphs as they run: they know every version, as a deployment does that goes before its schema. */
export function createCatalogue() {
  const changes = new TestChannel<ChangedProduct>();
  const product = (id: string) => ({ id, name: `Product ${id}`, price: 100, listPrice: 100, colour: 'red' });
  // Kept for long: what is measured is the gateway, and that a new graph does not empty its cache.
  const read = (id: string, context: TestSubgraphContext) => {
    context.setHeader('cache-control', 'public, max-age=600');
    return product(id);
  };
  const subgraphs: readonly TestSubgraphDefinition[] = [
    {
      name: 'products',
      typeDefs: productsTypes('all of it', 'price: Int! listPrice: Int! colour: String'),
      resolvers: {
        Query: {
          product: (_: unknown, { id }: { id: string }, context: TestSubgraphContext) => read(id, context),
        },
        Product: {
          __resolveReference: ({ id }: { id: string }, context: TestSubgraphContext) => read(id, context),
        },
        Subscription: {
          productChanged: {
            subscribe: () => changes.subscribe(),
            resolve: (event: ChangedProduct) => ({ ...product(event.id), ...event }),
          },
        },
      },
    },
    {
      name: 'pricing',
      typeDefs: `${PRICING_TYPES.replace('@override(from: "products")', '')} type Query { prices: Int }`,
      resolvers: {
        Product: {
          __resolveReference: ({ id }: { id: string }, context: TestSubgraphContext) => read(id, context),
        },
      },
    },
  ];
  return { changes, subgraphs };
}

export const CHANGES = 'subscription { productChanged { name } }';

/** As many operations as a small frontend has, each with a plan of its own. */
export const OPERATIONS: readonly string[] = Array.from(
  { length: 40 },
  (_, index) =>
    `query Page${index} { __type(name: "Product") { description } ${Array.from(
      { length: 1 + (index % 5) },
      (_unused, item) => `p${item}: product(id: "${index}-${item}") { id name price }`,
    ).join(' ')} }`,
);

export interface PageAnswer {
  readonly data?: {
    readonly __type?: { readonly description?: string } | null;
    readonly [alias: string]: unknown;
  } | null;
  readonly errors?: readonly unknown[];
}

/** The version that an answer is from. @throws when it is not what was asked for */
export function versionOf({ data, errors }: PageAnswer): string {
  const version = data?.__type?.description;
  const products = Object.entries(data ?? {}).filter(([name]) => name !== '__type');
  const isWhole = products.every(([, value]) => (value as { price?: unknown } | null)?.price === 100);
  if (errors || version === undefined || products.length === 0 || !isWhole) {
    throw new Error(`a wrong answer: ${JSON.stringify({ data, errors }).slice(0, 500)}`);
  }
  return version;
}
