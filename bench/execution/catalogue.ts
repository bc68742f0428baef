import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type GraphQLSchema, parse } from 'graphql';

/** The graph of the execution benchmark: people review products, in four subgraphs that know a part each. */

const LINK = (imports: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [${imports}])\n`;

export const SUBGRAPH_TYPE_DEFS = {
  accounts: `${LINK('"@key", "@shareable"')}
    type Query { users(shift: Int): [User!]!  user(id: ID!): User }
    type User @key(fields: "id") { id: ID!  name: String!  username: String! @shareable }`,
  products: `${LINK('"@key"')}
    type Query { topProducts(first: Int = 5): [Product!]!  product(upc: ID!): Product }
    type Product @key(fields: "upc") { upc: ID!  name: String!  price: Int!  weight: Int! }`,
  inventory: `${LINK('"@key", "@external", "@requires"')}
    type Query { inventoryVersion: Int }
    type Product @key(fields: "upc") {
      upc: ID!  price: Int! @external  weight: Int! @external
      inStock: Boolean!
      shippingEstimate: Int! @requires(fields: "price weight")
    }`,
  reviews: `${LINK('"@key", "@external", "@provides"')}
    type Query { reviewsVersion: Int }
    type Review @key(fields: "id") { id: ID!  body: String!  author: User! @provides(fields: "username")  product: Product! }
    type User @key(fields: "id") { id: ID!  username: String! @external  reviews: [Review!]! }
    type Product @key(fields: "upc") { upc: ID!  reviews: [Review!]! }`,
} as const;

export type SubgraphName = keyof typeof SUBGRAPH_TYPE_DEFS;

/** The same graph in one piece: what it answers is what every gateway has to answer. */
const MONOLITH = `
  type Query { users(shift: Int): [User!]!  user(id: ID!): User  topProducts(first: Int = 5): [Product!]!  product(upc: ID!): Product }
  type User { id: ID!  name: String!  username: String!  reviews: [Review!]! }
  type Product { upc: ID!  name: String!  price: Int!  weight: Int!  inStock: Boolean!  shippingEstimate: Int!  reviews: [Review!]! }
  type Review { id: ID!  body: String!  author: User!  product: Product! }`;

interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  reviews(): Review[];
}

interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
  readonly shippingEstimate: number;
  reviews(): Review[];
}

interface Review {
  readonly id: string;
  readonly body: string;
  author(): User;
  product(): Product;
}

/** Dear things are sent for nothing. */
function shippingEstimate(price: number, weight: number): number {
  return price > 1_000 ? 0 : Math.round(weight / 2);
}

export const USER_COUNT = 6;
export const PRODUCT_COUNT = 9;
const REVIEW_COUNT = 17;

const reviewsWhere = (test: (review: Review) => boolean) => () => reviews.filter(test);
const users: User[] = Array.from({ length: USER_COUNT }, (_, index) => ({
  id: String(index + 1),
  name: `Person ${index + 1} of the Example Family`,
  username: `person-${index + 1}`,
  reviews: reviewsWhere((review) => review.author().id === String(index + 1)),
}));
const products: Product[] = Array.from({ length: PRODUCT_COUNT }, (_, index) => {
  const price = 149 + 250 * index;
  const weight = 40 + 35 * index;
  return {
    upc: String(index + 1),
    name: `Useful thing number ${index + 1}`,
    price,
    weight,
    inStock: index % 3 !== 2,
    shippingEstimate: shippingEstimate(price, weight),
    reviews: reviewsWhere((review) => review.product().upc === String(index + 1)),
  };
});
const reviews: Review[] = Array.from({ length: REVIEW_COUNT }, (_, index) => ({
  id: String(index + 1),
  body: `Review ${index + 1}: it does what it says`,
  author: () => users[index % 4] as User,
  product: () => products[(index * index) % 5] as Product,
}));

const userOf = ({ id }: { id: string }) => users.find((user) => user.id === id) ?? null;
const productOf = ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) ?? null;
const root = {
  users: ({ shift }: { shift?: number }) => {
    const start = (shift ?? 0) % users.length;
    return [...users.slice(start), ...users.slice(0, start)];
  },
  user: userOf,
  topProducts: ({ first }: { first: number }) => products.slice(0, first),
  product: productOf,
};

export const monolith: { readonly schema: GraphQLSchema; readonly rootValue: unknown } = {
  schema: buildSchema(MONOLITH),
  rootValue: root,
};

interface Priced {
  readonly upc: string;
  readonly price: number;
  readonly weight: number;
}

const RESOLVERS = {
  accounts: { User: { __resolveReference: userOf } },
  products: { Product: { __resolveReference: productOf } },
  inventory: {
    Product: {
      __resolveReference: (reference: Priced) => ({ ...productOf(reference), ...reference }),
      // By what the gateway sent: it has to have asked for that elsewhere.
      shippingEstimate: ({ price, weight }: Priced) => shippingEstimate(price, weight),
    },
  },
  reviews: {
    User: { __resolveReference: userOf },
    Product: { __resolveReference: productOf },
    Review: { __resolveReference: ({ id }: Review) => reviews.find((review) => review.id === id) ?? null },
  },
};

/** One subgraph, to be executed with `subgraphRoot`. */
export function subgraphSchema(name: SubgraphName): GraphQLSchema {
  return buildSubgraphSchema({ typeDefs: parse(SUBGRAPH_TYPE_DEFS[name]), resolvers: RESOLVERS[name] });
}

export const subgraphRoot: unknown = root;
