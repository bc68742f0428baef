import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

describe('multiple keys', () => {
  const search = {
    name: 'search',
    typeDefs: `${federationLink('@key')}
      type Query { find: [Product!]! }
      type Product @key(fields: "sku") { sku: String! }`,
    resolvers: { Query: { find: () => [{ sku: 'K-1' }, { sku: 'T-2' }, { sku: 'K-1' }] } },
  };
  const catalog = {
    name: 'catalog',
    typeDefs: `${federationLink('@key')}
      type Query { catalog: [Product!]! }
      type Product @key(fields: "sku") @key(fields: "id") { sku: String! id: ID! name: String! }`,
    resolvers: {
      Query: { catalog: () => [{ sku: 'K-1', id: '1', name: 'Kettle' }] },
      Product: {
        __resolveReference: ({ sku }: { sku: string }) =>
          sku === 'K-1' ? { sku, id: '1', name: 'Kettle' } : { sku, id: '2', name: 'Teapot' },
      },
    },
  };
  const stock = {
    name: 'stock',
    typeDefs: `${federationLink('@key')}
      type Product @key(fields: "id") { id: ID! count: Int! }`,
    resolvers: {
      Product: { __resolveReference: ({ id }: { id: string }) => ({ id, count: Number(id) * 10 }) },
    },
  };

  it('goes by one key to the subgraph that knows the other', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [search, catalog, stock] });
    const { data, errors } = await gateway.query('{ find { sku count } }');
    expect({ data, errors }).toEqual({
      data: {
        find: [
          { sku: 'K-1', count: 10 },
          { sku: 'T-2', count: 20 },
          { sku: 'K-1', count: 10 },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('catalog'))).toEqual([
      { __typename: 'Product', sku: 'K-1' },
      { __typename: 'Product', sku: 'T-2' },
    ]);
    // The other key may be asked for as well: caches tag an entity by each of its keys.
    expect(fieldsAsked(gateway.subgraph('catalog')).flat()).toContain('Product.id');
    expect(fieldsAsked(gateway.subgraph('catalog')).flat()).not.toContain('Product.name');
    expect(lastRepresentations(gateway.subgraph('stock'))).toEqual([
      { __typename: 'Product', id: '1' },
      { __typename: 'Product', id: '2' },
    ]);
  });

  it('goes straight there when the right key is at hand', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [search, catalog, stock] });
    const { data } = await gateway.query('{ catalog { name count } }');
    expect(data).toEqual({ catalog: [{ name: 'Kettle', count: 10 }] });
    expect(gateway.subgraph('catalog').received).toHaveLength(1);
    expect(gateway.subgraph('stock').received).toHaveLength(1);
  });
});

describe('nested and compound keys', () => {
  const people = {
    name: 'people',
    typeDefs: `${federationLink('@key', '@shareable')}
      type Query { staff: [Person!]! }
      type Company { country: String! @shareable number: ID! @shareable legalName: String }
      type Person @key(fields: "badge company { country number }") { badge: Int! company: Company! @shareable name: String! }`,
    resolvers: {
      Query: {
        staff: () => [
          { badge: 1, name: 'Ada', company: { country: 'UK', number: 'c1', legalName: 'Analytical Ltd' } },
          { badge: 1, name: 'Grace', company: { country: 'US', number: 'c1', legalName: 'Compiler Inc' } },
        ],
      },
    },
  };
  const desks = {
    name: 'desks',
    typeDefs: `${federationLink('@key', '@shareable', '@external')}
      type Company { country: String! @shareable number: ID! @shareable }
      type Person @key(fields: "badge company { country number }") { badge: Int! company: Company! @shareable desk: String }`,
    resolvers: {
      Person: {
        __resolveReference: (person: { badge: number; company: { country: string } }) => ({
          ...person,
          desk: `${person.company.country}-${person.badge}`,
        }),
      },
    },
  };

  it('tells entities apart by every part of the key', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [people, desks] });
    const { data, errors } = await gateway.query('{ staff { name desk company { legalName } } }');
    expect({ data, errors }).toEqual({
      data: {
        staff: [
          { name: 'Ada', desk: 'UK-1', company: { legalName: 'Analytical Ltd' } },
          { name: 'Grace', desk: 'US-1', company: { legalName: 'Compiler Inc' } },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('desks'))).toEqual([
      { __typename: 'Person', badge: 1, company: { country: 'UK', number: 'c1' } },
      { __typename: 'Person', badge: 1, company: { country: 'US', number: 'c1' } },
    ]);
  });
});
