import type { SubgraphSdls } from '../testGraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])`;

/** `@requires` (nested, too), `@provides`, `@shareable`, `@override`, several keys, mutations in two subgraphs. */
export const shop: SubgraphSdls = {
  products: `${link}
    type Query {
      product(id: ID!): Product
      products(first: Int = 3, filter: ProductFilter): [Product!]!
      topProduct: Product!
      maybeProducts: [Product]
    }
    type Mutation { createProduct(input: ProductInput!): Product }
    input ProductFilter { text: String = "x", minPrice: Int, tags: [String!] }
    input ProductInput { name: String!, sizes: [Int] = [1, 2] }
    type Product @key(fields: "id") @key(fields: "sku") {
      id: ID!
      sku: String!
      name(language: Language = EN): String
      price(currency: String = "EUR"): Int
      weight: Float!
      category: Category
      dimensions: Dimensions @shareable
      similar(first: Int = 2): [Product!]
      rows: [[Int!]]
      secret: String @inaccessible
      origin: String @shareable
    }
    type Dimensions @shareable { width: Int, unit: String! }
    type Category @key(fields: "slug") { slug: ID!, title: String!, parent: Category }
    enum Language { EN DE }
  `,
  inventory: `${link}
    type Query { warehouses: [Warehouse!] }
    type Product @key(fields: "id") {
      id: ID!
      price(currency: String = "EUR"): Int @external
      weight: Float! @external
      dimensions: Dimensions @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price(currency: \\"CHF\\") weight")
      packing: Packing @requires(fields: "dimensions { width unit }")
      warehouse: Warehouse!
    }
    type Dimensions @shareable { width: Int, unit: String! }
    type Packing { size: Int, box: String!, layers: [[Layer!]!] }
    type Layer { depth: Int!, product: Product }
    type Warehouse @key(fields: "code") { code: String!, city: String, products: [Product!]! }
  `,
  reviews: `${link}
    type Query { latestReviews(first: Int): [Review!]!, review(id: ID!): Review }
    type Mutation { addReview(productId: ID!, body: String!): Review!, deleteReview(id: ID!): Boolean }
    type Review @key(fields: "id") {
      id: ID!
      body: String!
      stars: Int
      mood: Mood
      author: User @provides(fields: "username")
      product: Product!
      replies: [Reply]
    }
    type Reply { text: String!, author: User!, nested: [Reply!] }
    enum Mood { HAPPY SAD HIDDEN_MOOD @inaccessible }
    type User @key(fields: "id") { id: ID!, username: String @external, reviews(first: Int = 2): [Review!]! }
    type Product @key(fields: "sku") { sku: String!, reviews: [Review!], rating: Float }
    type Category @key(fields: "slug") { slug: ID!, bestReview: Review }
  `,
  accounts: `${link}
    type Query { me: User, users: [User], user(id: ID!): User }
    type Mutation { rename(id: ID!, name: String!): User }
    type User @key(fields: "id") @key(fields: "email") {
      id: ID!
      email: String!
      username: String @shareable
      name: Name
      birthday: Date
      settings: JSON
      favourites: [Product]
    }
    type Name { first: String!, last: String }
    type Product @key(fields: "id") { id: ID!, origin: String @shareable @override(from: "products"), owner: User }
    scalar Date
    scalar JSON
  `,
};
