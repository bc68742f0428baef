import { parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { type TestSubgraph, testSubgraphSchema } from './testSubgraph.js';

/**
 * What each request to a subgraph selected, oldest first, as sorted `Type.field`, each once. `__typename` and
 * `_entities` are left out: they are how the gateway asks, not what it asks for.
 */
export function fieldsAsked(subgraph: Pick<TestSubgraph, 'typeDefs' | 'received'>): string[][] {
  const typeInfo = new TypeInfo(testSubgraphSchema({ typeDefs: subgraph.typeDefs }));
  return subgraph.received.map(({ query }) => {
    const fields = new Set<string>();
    const collect = visitWithTypeInfo(typeInfo, {
      Field: ({ name: { value: name } }) => {
        if (name !== '__typename' && name !== '_entities') fields.add(`${typeInfo.getParentType()}.${name}`);
      },
    });
    visit(parse(query), collect);
    return [...fields].sort();
  });
}

/** The representations that the subgraph's last request asked about. */
export function lastRepresentations({ received }: Pick<TestSubgraph, 'received'>): unknown {
  return received.at(-1)?.variables?.['representations'];
}
