import type { TestSubgraphContext, TestSubgraphDefinition } from './testSubgraph.js';

/** Names of products that can be changed, kept for a minute by whoever asks. @param cluster in its operation times */
export function namesSubgraph(cluster: string): TestSubgraphDefinition {
  const names = new Map([['p1', 'Shoe']]);
  let time = 0;
  return {
    name: 'products',
    typeDefs: /* GraphQL */ `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
      type Query { product(id: ID!, note: String): Product broken: String }
      type Mutation { rename(id: ID!, name: String!): Product }
      type Product @key(fields: "id") { id: ID! name: String }
    `,
    resolvers: {
      Query: {
        product(_: unknown, { id }: { id: string }, { setHeader }: TestSubgraphContext) {
          setHeader('cache-control', 'max-age=60');
          return { id, name: names.get(id) };
        },
        broken() {
          throw new Error('out of order');
        },
      },
      Mutation: {
        rename(_: unknown, { id, name }: { id: string; name: string }, { extensions }: TestSubgraphContext) {
          names.set(id, name);
          time += 1;
          const operationTime = `${cluster}@${time.toString(16).padStart(16, '0')}`;
          extensions['headgate'] = { tags: [`Product:id=${id}`], operationTime };
          return { id, name };
        },
      },
    },
  };
}
