import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const content = {
  name: 'content',
  typeDefs: `${federationLink('@key')}
    type Query { search: [Hit!]! feed: [Node!]! }
    union Hit = Article | Product | Nothing
    interface Node { id: ID! title: String }
    type Article implements Node @key(fields: "id") { id: ID! title: String words: Int }
    type Product implements Node @key(fields: "id") { id: ID! title: String }
    type Nothing { why: String }`,
  resolvers: {
    Query: {
      search: () => [
        { __typename: 'Article', id: 'a1', title: 'On tea', words: 900 },
        { __typename: 'Product', id: 'p1', title: 'Kettle' },
        { __typename: 'Nothing', why: 'too vague' },
        { __typename: 'Product', id: 'p1', title: 'Kettle' },
      ],
      feed: () => [
        { __typename: 'Product', id: 'p1', title: 'Kettle' },
        { __typename: 'Article', id: 'a1', title: 'On tea' },
      ],
    },
  },
};
const engagement = {
  name: 'engagement',
  typeDefs: `${federationLink('@key')}
    union Reaction = Like | Comment
    interface Rated { stars: Int }
    type Like { by: String }
    type Comment { text: String about: Product }
    type Article implements Rated @key(fields: "id") { id: ID! stars: Int reactions: [Reaction!] }
    type Product implements Rated @key(fields: "id") { id: ID! stars: Int }`,
  resolvers: {
    Article: {
      __resolveReference: ({ id }: { id: string }) => ({ id, stars: 4 }),
      reactions: () => [
        { __typename: 'Like', by: 'Ada' },
        { __typename: 'Comment', text: 'Nice', about: { id: 'p1' } },
      ],
    },
    Product: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: 5 }) },
  },
};
const prices = {
  name: 'prices',
  typeDefs: `${federationLink('@key')} type Product @key(fields: "id") { id: ID! price: Int }`,
  resolvers: { Product: { __resolveReference: ({ id }: { id: string }) => ({ id, price: 20 }) } },
};
const graph = { subgraphs: [content, engagement, prices] };

describe('unions', () => {
  it('extends their members from other subgraphs, each representation once', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(`{
      search { __typename ... on Article { words stars } ... on Product { title stars price } ... on Nothing { why } }
    }`);
    const kettle = { __typename: 'Product', title: 'Kettle', stars: 5, price: 20 };
    expect({ data, errors }).toEqual({
      data: {
        search: [
          { __typename: 'Article', words: 900, stars: 4 },
          kettle,
          { __typename: 'Nothing', why: 'too vague' },
          kettle,
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('engagement'))).toEqual([
      { __typename: 'Article', id: 'a1' },
      { __typename: 'Product', id: 'p1' },
    ]);
    expect(lastRepresentations(gateway.subgraph('prices'))).toEqual([{ __typename: 'Product', id: 'p1' }]);
  });

  it('asks nothing about members that are not selected', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ search { ... on Article { stars } } }');
    expect(data).toEqual({ search: [{ stars: 4 }, {}, {}, {}] });
    expect(lastRepresentations(gateway.subgraph('engagement'))).toEqual([
      { __typename: 'Article', id: 'a1' },
    ]);
    expect(gateway.subgraph('prices').received).toEqual([]);
  });

  it('reaches entities inside the union of another subgraph', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(`{
      search { ... on Article { reactions { ... on Like { by } ... on Comment { text about { price } } } } }
    }`);
    expect({ data, errors }).toEqual({
      data: { search: [{ reactions: [{ by: 'Ada' }, { text: 'Nice', about: { price: 20 } }] }, {}, {}, {}] },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('prices'))).toEqual([{ __typename: 'Product', id: 'p1' }]);
  });
});

describe('interfaces', () => {
  it('answers interface fields, and fields of implementations from other subgraphs', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      '{ feed { id title ... on Product { price } ... on Rated { stars } } }',
    );
    expect({ data, errors }).toEqual({
      data: {
        feed: [
          { id: 'p1', title: 'Kettle', price: 20, stars: 5 },
          { id: 'a1', title: 'On tea', stars: 4 },
        ],
      },
      errors: undefined,
    });
    expect(fieldsAsked(gateway.subgraph('prices'))).toEqual([['Product.price']]);
  });

  it('selects by an interface that only another subgraph knows', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ feed { ... on Rated { __typename stars } } }');
    expect({ data, errors }).toEqual({
      data: {
        feed: [
          { __typename: 'Product', stars: 5 },
          { __typename: 'Article', stars: 4 },
        ],
      },
      errors: undefined,
    });
  });
});
