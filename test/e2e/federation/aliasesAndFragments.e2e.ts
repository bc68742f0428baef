import { federationLink } from '../../support/federationLink.js';
import { lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { product(id: ID!): Product }
    type Product @key(fields: "id") { id: ID! name(lang: String = "en"): String! similar: [Product!]! }`,
  resolvers: {
    Query: { product: (_: unknown, { id }: { id: string }) => ({ id }) },
    Product: {
      name: ({ id }: { id: string }, { lang }: { lang: string }) => `${id} in ${lang}`,
      similar: ({ id }: { id: string }) => [{ id: `${id}a` }, { id: `${id}b` }],
    },
  },
};
const reviews = {
  name: 'reviews',
  typeDefs: `${federationLink('@key')} type Product @key(fields: "id") { id: ID! stars(scale: Int = 5): Int }`,
  resolvers: {
    Product: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      stars: (_: unknown, { scale }: { scale: number }) => scale - 1,
    },
  },
};
const graph = { subgraphs: [products, reviews] };

describe('aliases', () => {
  it('keep the same field with different arguments apart, in every subgraph', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(`{
      one: product(id: "1") { en: name de: name(lang: "de") five: stars ten: stars(scale: 10) }
      two: product(id: "2") { name stars }
    }`);
    expect({ data, errors }).toEqual({
      data: {
        one: { en: '1 in en', de: '1 in de', five: 4, ten: 9 },
        two: { name: '2 in en', stars: 4 },
      },
      errors: undefined,
    });
  });

  it('may take the name of the key, or of another field', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      '{ product(id: "1") { id: name name: id __typename: stars stars: __typename } }',
    );
    // GraphQL allows an alias with two underscores, although it reserves such names.
    expect({ data, errors }).toEqual({
      data: { product: { id: '1 in en', name: '1', __typename: 4, stars: 'Product' } },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('reviews'))).toEqual([{ __typename: 'Product', id: '1' }]);
  });

  it('keep the order that the client wrote', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ product(id: "1") { stars z: name a: id similar { stars id } } }');
    expect(JSON.stringify(data)).toBe(
      '{"product":{"stars":4,"z":"1 in en","a":"1","similar":[{"stars":4,"id":"1a"},{"stars":4,"id":"1b"}]}}',
    );
  });
});

describe('fragments', () => {
  it('merge named, inline and nested ones', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(`
      query { product(id: "1") { ...Head ... on Product { similar { id } } ... { similar { ...Head } } } }
      fragment Head on Product { name ...Stars }
      fragment Stars on Product { stars }`);
    expect({ data, errors }).toEqual({
      data: {
        product: {
          name: '1 in en',
          stars: 4,
          similar: [
            { id: '1a', name: '1a in en', stars: 4 },
            { id: '1b', name: '1b in en', stars: 4 },
          ],
        },
      },
      errors: undefined,
    });
  });

  it('choose one of several operations by its name', async () => {
    await using gateway = await startGatewayTester(graph);
    const query = 'query A { product(id: "1") { name } } query B { product(id: "2") { stars } }';
    const ask = async (operationName?: string) =>
      (await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, operationName }),
      }).then((response) => response.json())) as unknown;
    expect(await ask('A')).toEqual({ data: { product: { name: '1 in en' } } });
    expect(await ask('B')).toEqual({ data: { product: { stars: 4 } } });
    for (const name of ['C', undefined])
      expect(await ask(name)).toMatchObject({
        errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
      });
  });
});
