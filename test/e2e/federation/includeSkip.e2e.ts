import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const products = {
  name: 'products',
  typeDefs: `${federationLink('@key')}
    type Query { product: Product }
    type Product @key(fields: "id") { id: ID! name: String! maker: Maker }
    type Maker { name: String }`,
  resolvers: { Query: { product: () => ({ id: 'p1', name: 'Kettle', maker: { name: 'Acme' } }) } },
};
const reviews = {
  name: 'reviews',
  typeDefs: `${federationLink('@key')}
    type Query { motd: String }
    type Product @key(fields: "id") { id: ID! stars: Int text(lang: String): String }`,
  resolvers: {
    Query: { motd: () => 'Hello' },
    Product: {
      __resolveReference: ({ id }: { id: string }) => ({ id, stars: 5 }),
      text: (_: unknown, { lang }: { lang?: string }) => `in ${lang}`,
    },
  },
};
const graph = { subgraphs: [products, reviews] };

describe('@include and @skip', () => {
  it.each([
    [true, false, { name: 'Kettle', stars: 5, text: 'in en' }],
    [true, true, { name: 'Kettle', stars: 5 }],
    [false, false, { name: 'Kettle', text: 'in en' }],
    [false, true, { name: 'Kettle' }],
  ])('with include %p and skip %p, answer what is left', async (include, skip, product) => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      `query($with: Boolean!, $without: Boolean!) {
        product { name stars @include(if: $with) text(lang: "en") @skip(if: $without) }
      }`,
      { with: include, without: skip },
    );
    expect({ data, errors }).toEqual({ data: { product }, errors: undefined });
  });

  it('ask a subgraph only if its part is included', async () => {
    await using gateway = await startGatewayTester(graph);
    const document = 'query($c: Boolean!) { product { name ... @include(if: $c) { stars text } } }';
    expect((await gateway.query(document, { c: false })).data).toEqual({ product: { name: 'Kettle' } });
    expect(gateway.subgraph('reviews').received).toEqual([]);
    expect((await gateway.query(document, { c: true })).data).toMatchObject({ product: { stars: 5 } });
    expect(fieldsAsked(gateway.subgraph('reviews'))).toEqual([['Product.stars', 'Product.text']]);
  });

  it('ask no subgraph whose only root field is skipped', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($c: Boolean!) { product { name } motd @include(if: $c) }',
      {
        c: false,
      },
    );
    expect({ data, errors }).toEqual({ data: { product: { name: 'Kettle' } }, errors: undefined });
    expect(gateway.subgraph('reviews').received).toEqual([]);
  });

  it('hold for fragments, and for what stands inside them in another subgraph', async () => {
    await using gateway = await startGatewayTester(graph);
    const document = `query($c: Boolean!) { product { id ...More @include(if: $c) ... @skip(if: $c) { name } } }
      fragment More on Product { stars maker { name } }`;
    const [on, off] = [
      await gateway.query(document, { c: true }),
      await gateway.query(document, { c: false }),
    ];
    expect(on.data).toEqual({ product: { id: 'p1', stars: 5, maker: { name: 'Acme' } } });
    expect(off.data).toEqual({ product: { id: 'p1', name: 'Kettle' } });
    expect(gateway.subgraph('reviews').received).toHaveLength(1);
  });

  it('answer an empty object where nothing is left', async () => {
    await using gateway = await startGatewayTester(graph);
    const document = 'query($c: Boolean!) { product { name @include(if: $c) } }';
    expect((await gateway.query(document, { c: false })).data).toEqual({ product: {} });
    expect((await gateway.query(document, { c: true })).data).toEqual({ product: { name: 'Kettle' } });
  });

  it('select a field when any of its selections is included', async () => {
    await using gateway = await startGatewayTester(graph);
    const document = 'query($c: Boolean!) { product { stars @include(if: $c) stars @skip(if: $c) } }';
    for (const c of [true, false])
      expect((await gateway.query(document, { c })).data).toEqual({ product: { stars: 5 } });
  });

  it('decide literal conditions too', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query(
      '{ product { name stars @include(if: false) } motd @skip(if: true) }',
    );
    expect(data).toEqual({ product: { name: 'Kettle' } });
    expect(gateway.subgraph('reviews').received).toEqual([]);
  });
});
