import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    "What is for sale."
    type Query { product: Product }
    type Product @key(fields: "id") { id: ID! "Shown in lists." name: String! old: String @deprecated(reason: "Use name.") }`,
  resolvers: { Query: { product: () => ({ id: 'p1', name: 'Kettle' }) } },
};
const graph = { subgraphs: [products] };

describe('introspection', () => {
  it('shows clients the API schema, with nothing of federation in it, and asks no subgraph', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    const schema = buildClientSchema(data as IntrospectionQuery);
    const own = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));
    // `Int` is of an argument of `@live`, the one thing in it that is the gateway's own.
    expect(own.sort()).toEqual(['Boolean', 'ID', 'Int', 'Product', 'Query', 'String']);
    expect(schema.getQueryType()?.description).toBe('What is for sale.');
    expect(schema.getDirectives().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['include', 'skip', 'deprecated']),
    );
    expect(schema.getDirectives().map(({ name }) => name)).not.toContain('join__type');
    expect(gateway.subgraph('products').received).toEqual([]);
  });

  it('mixes with data, variables and aliases', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      `query($type: String!, $old: Boolean!) {
        __typename
        product { __typename name }
        known: __type(name: $type) { name fields(includeDeprecated: $old) { name } }
        unknown: __type(name: "Nothing") { name }
        __schema { queryType { name } }
      }`,
      { type: 'Product', old: true },
    );
    expect({ data, errors }).toEqual({
      data: {
        __typename: 'Query',
        product: { __typename: 'Product', name: 'Kettle' },
        known: { name: 'Product', fields: [{ name: 'id' }, { name: 'name' }, { name: 'old' }] },
        unknown: null,
        __schema: { queryType: { name: 'Query' } },
      },
      errors: undefined,
    });
    expect(gateway.subgraph('products').received).toHaveLength(1);
    expect(gateway.subgraph('products').received[0]?.query).not.toMatch(/__schema|__type\b/);
  });

  it('is refused when it is switched off, and __typename is not', async () => {
    await using gateway = await startGatewayTester({ ...graph, config: { introspection: false } });
    const { status, errors } = await gateway.query('{ __schema { queryType { name } } }');
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await gateway.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});
