import { executePlan } from '../../../gateway/execution/executePlan.js';
import type { SubgraphRequest } from '../../../gateway/execution/types.js';
import { createTestGraph } from '../../support/execution/testGraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8",
  import: ["@key", "@context", "@fromContext"])`;

const graph = createTestGraph({
  shops: `${link}
    type Query { shops: [Shop!]! }
    type Shop @key(fields: "id") @context(name: "shop") { id: ID!, currency: String!, shelves: [Shelf!]! }
    type Shelf @key(fields: "id") { id: ID!, items: [Item!]! }
    type Item @key(fields: "id") { id: ID!, price(currency: String @fromContext(field: "$shop { currency }")): String }
  `,
});

function item(id: string) {
  return { __typename: 'Item', id };
}

/** The item `i1` stands in both shops, and costs something else in each. */
function answer({ variables, query }: SubgraphRequest) {
  if (!query.includes('_entities')) {
    const euro = {
      __typename: 'Shop',
      currency: 'EUR',
      name: 'EUR',
      shelves: [{ items: [item('i1'), item('i2')] }],
    };
    const franc = { __typename: 'Shop', currency: 'CHF', name: 'CHF', shelves: [{ items: [item('i1')] }] };
    return { data: { shops: [euro, franc] } };
  }
  const currency = Object.entries(variables ?? {}).find(([name]) =>
    name.startsWith('contextualArgument'),
  )?.[1];
  const representations = variables?.['representations'] as { id: string }[];
  return {
    data: { _entities: representations.map(({ id }) => ({ price: `${id} in ${String(currency)}` })) },
  };
}

describe('arguments from a context (@fromContext)', () => {
  it('take each place its own value, also where one entity stands in several', async () => {
    const { compiled } = graph.plan('{ shops { shelves { items { price } } } }', {});
    const requests: SubgraphRequest[] = [];
    const result = await executePlan(compiled, {
      variables: {},
      context: undefined,
      fetch: async (request) => {
        requests.push(request);
        return answer(request);
      },
    });
    expect(result).toEqual({
      data: {
        shops: [
          { shelves: [{ items: [{ price: 'i1 in EUR' }, { price: 'i2 in EUR' }] }] },
          { shelves: [{ items: [{ price: 'i1 in CHF' }] }] },
        ],
      },
    });
    expect(requests).toHaveLength(3);
    expect(new Set(requests.slice(1).map(({ fetchId }) => fetchId)).size).toBe(1);
  });
});
