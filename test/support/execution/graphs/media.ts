import type { SubgraphSdls } from '../testGraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])`;

/** Interfaces with keys, `@interfaceObject`, unions, fields of one name and different types, inaccessible types. */
export const media: SubgraphSdls = {
  library: `${link}
    type Query { media(id: ID!): Media, allMedia: [Media!]!, search(text: String): [SearchResult], node: Node, book: Book }
    interface Media @key(fields: "id") { id: ID!, title: String, pages: Int }
    type Book implements Media & Node @key(fields: "id") { id: ID!, title: String, pages: Int, label: String, tags: [String!], author: Person }
    type Film implements Media & Node @key(fields: "id") { id: ID!, title: String, pages: Int, label: Int!, cast: [Person!]! }
    interface Node { id: ID! }
    type Person implements Node @key(fields: "id") { id: ID!, name: String!, bornIn: Place }
    type Place { city: String, country: Country }
    enum Country { DE FR }
    union SearchResult = Book | Film | Person | HiddenThing
    type HiddenThing @inaccessible { code: String }
  `,
  ratings: `${link}
    type Query { topRated(first: Int): [Media!] }
    type Media @key(fields: "id") @interfaceObject { id: ID!, score: Float, votes: [Vote!]!, best: Vote }
    type Vote { stars: Int!, by: Person, on: Media }
    type Person @key(fields: "id") { id: ID!, trust: Int, lastVote: Vote }
  `,
  people: `${link}
    type Query { person(id: ID!): Person, creatures: [Creature!]! }
    type Person @key(fields: "id") { id: ID!, nick: String, friends: [Person!], pet: Creature, works: [Work] }
    interface Creature { name: String, owner: Person }
    type Dog implements Creature { name: String, owner: Person, barks: Boolean! }
    type Cat implements Creature { name: String, owner: Person, lives: Int }
    union Work = Book | Film
    type Book @key(fields: "id") { id: ID!, editor: Person }
    type Film @key(fields: "id") { id: ID!, director: Person, score: Float @external, boxOffice: Int @requires(fields: "score") }
  `,
};
