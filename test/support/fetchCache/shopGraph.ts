import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12",
  import: ["@key", "@shareable", "@cacheTag", "@external", "@requires", "@interfaceObject"])\n`;

/** A graph with every way in which an entity can be named. */
export const shopSdls = {
  products: `${link}
    type Query {
      product(id: ID! = "p0"): Product @cacheTag(format: "product:id={$args.id}")
      products(category: String, filter: Filter): [Product]
        @cacheTag(format: "products")
        @cacheTag(format: "products:category={$args.category}")
        @cacheTag(format: "products:shop={$args.filter.shop}")
      grid: [[Product]]
      media: [Media]
      anything: [Anything]
      categories: [Category!]!
      featured: Featured
    }
    type Mutation { rename(id: ID!, name: String!): Product }
    input Filter { shop: String = "main" }
    union Anything = Product | Book | Category
    interface Media @key(fields: "id") { id: ID! title: String related: [Media] }
    type Book implements Media @key(fields: "id") @key(fields: "isbn") {
      id: ID! isbn: String title: String related: [Media] author: Person
    }
    type Film implements Media @key(fields: "id") { id: ID! title: String related: [Media] }
    type Person @key(fields: "org { id region } number") { number: Int org: Org! name: String }
    type Org @shareable { id: ID! region: String }
    type Product @key(fields: "id") @key(fields: "sku") @cacheTag(format: "shelf:{$key.id}") {
      id: ID! sku: String name: String related: [Product] brand: Brand
    }
    type Brand @key(fields: "id") { id: ID! name: String }
    type Category { name: String best: Product }
    type Featured { product: Product }
  `,
  inventory: `${link}
    type Query { stock(productId: ID!): Stock }
    type Product @key(fields: "id") @cacheTag(format: "availability:productId={$key.id}") {
      id: ID! sku: String @external label: String @requires(fields: "sku") available: Int
    }
    type Media @interfaceObject @key(fields: "id") { id: ID! copies: Int }
    type Stock { product: Product! onHand: Int }
  `,
  reviews: `${link}
    type Query { reviews: [Review] }
    type Review @key(fields: "id") { id: ID! text: String product: Product }
    type Product @key(fields: "sku") { sku: String reviews: [Review] }
  `,
} as const;

export type ShopSubgraph = keyof typeof shopSdls;

export function buildSupergraph(sdls: Readonly<Record<string, string>>): Supergraph {
  const { supergraphSdl } = composeSupergraph(
    Object.entries(sdls).map(([name, typeDefs]) => ({ name, url: `http://${name}`, typeDefs })),
  );
  return Supergraph.build(supergraphSdl, {
    supportedFeatures: new Set([
      ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
      'https://specs.apollo.dev/cacheTag/v0.1',
    ]),
  });
}
