import { federationLink } from './federationLink.js';
import type { TestSubgraphContext, TestSubgraphDefinition } from './testSubgraph.js';

export interface Book {
  readonly id: string;
  title: string;
  copies: number;
}

/** Books that can be renamed, from one subgraph; how many there are, which no tag names, from another. */
export interface ShelfGraph {
  readonly books: Map<string, Book>;
  readonly subgraphs: readonly [TestSubgraphDefinition, TestSubgraphDefinition];
  /** Called with each read of the books, after it has happened; a test may hold or fail the answer. */
  afterRead: () => void | Promise<void>;
}

export function createShelfGraph(): ShelfGraph {
  const books = new Map<string, Book>(
    ['b1', 'b2', 'b3'].map((id) => [id, { id, title: `Book ${id}`, copies: 1 }]),
  );
  const graph: ShelfGraph = {
    books,
    afterRead: () => undefined,
    subgraphs: [
      {
        name: 'books',
        typeDefs: `${federationLink('@key')}
          type Query { book(id: ID!): Book shelf: [Book!]! }
          type Mutation { rename(id: ID!, title: String!): Book touch(id: ID!): Boolean }
          type Book @key(fields: "id") { id: ID! title: String! }
        `,
        resolvers: {
          Query: {
            book: async (_: unknown, { id }: { id: string }) => {
              const read = { ...books.get(id) };
              await graph.afterRead();
              return read;
            },
            shelf: async () => {
              const read = [...books.values()].map((book) => ({ ...book }));
              await graph.afterRead();
              return read;
            },
          },
          Mutation: {
            rename(
              _: unknown,
              { id, title }: { id: string; title: string },
              { extensions }: TestSubgraphContext,
            ) {
              const book = books.get(id);
              if (book) book.title = title;
              extensions['headgate'] = { tags: [`Book:id=${id}`] };
              return book;
            },
            touch(_: unknown, { id }: { id: string }, { extensions }: TestSubgraphContext) {
              extensions['headgate'] = { tags: [`Book:id=${id}`] };
              return true;
            },
          },
          Book: { __resolveReference: ({ id }: { id: string }) => ({ ...books.get(id) }) },
        },
      },
      {
        name: 'counts',
        typeDefs: `${federationLink('@key')}
          type Query { total: Int! }
          type Book @key(fields: "id") { id: ID! copies: Int! }
        `,
        resolvers: {
          Query: { total: () => [...books.values()].reduce((sum, { copies }) => sum + copies, 0) },
          Book: { __resolveReference: ({ id }: { id: string }) => ({ ...books.get(id) }) },
        },
      },
    ],
  };
  return graph;
}
