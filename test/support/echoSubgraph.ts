import { federationLink } from './federationLink.js';
import type { TestSubgraphDefinition } from './testSubgraph.js';

/** The least that a gateway can stand before: `{ hello(name: …) }` and `mutation { count }`. */
export const echoSubgraph: TestSubgraphDefinition = {
  name: 'echo',
  typeDefs: `${federationLink()}
    type Query { hello(name: String, times: Int): String }
    type Mutation { count: Int }
    type Subscription { ticks: Int }`,
  resolvers: {
    Query: { hello: (_: unknown, { name }: { name?: string }) => `Hello ${name ?? 'you'}` },
    Mutation: { count: () => 1 },
  },
};
