import { federationLink } from '../../support/federationLink.js';
import { fieldsAsked, lastRepresentations } from '../../support/fieldsAsked.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const works = [
  { __typename: 'Book', id: 'b1', title: 'Moby Dick', pages: 635 },
  { __typename: 'Film', id: 'f1', title: 'Jaws', minutes: 124 },
];
const byId = ({ id }: { id: string }) => works.find((work) => work.id === id);

const library = {
  name: 'library',
  typeDefs: `${federationLink('@key')}
    type Query { works: [Work!]! }
    interface Work @key(fields: "id") { id: ID! title: String! }
    type Book implements Work @key(fields: "id") { id: ID! title: String! pages: Int! }
    type Film implements Work @key(fields: "id") { id: ID! title: String! minutes: Int! }`,
  resolvers: {
    Query: { works: () => works },
    Work: { __resolveReference: byId },
    Book: { __resolveReference: byId },
    Film: { __resolveReference: byId },
  },
};
const ratings = {
  name: 'ratings',
  typeDefs: `${federationLink('@key', '@interfaceObject')}
    type Query { bestRated: [Work!]! }
    type Work @key(fields: "id") @interfaceObject { id: ID! stars(scale: Int! = 5): Int! }`,
  resolvers: {
    Query: { bestRated: () => [{ id: 'f1' }, { id: 'b1' }] },
    Work: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      stars: ({ id }: { id: string }, { scale }: { scale: number }) => (id === 'b1' ? scale : scale - 1),
    },
  },
};
const graph = { subgraphs: [library, ratings] };

describe('@interfaceObject', () => {
  it('adds a field to all implementations, and is asked for them by the interface', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query('{ works { __typename title stars } }');
    expect({ data, errors }).toEqual({
      data: {
        works: [
          { __typename: 'Book', title: 'Moby Dick', stars: 5 },
          { __typename: 'Film', title: 'Jaws', stars: 4 },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('ratings'))).toEqual([
      { __typename: 'Work', id: 'b1' },
      { __typename: 'Work', id: 'f1' },
    ]);
  });

  it('lets the subgraph that knows the implementations say which one it is', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      '{ bestRated { __typename stars ... on Book { pages } ... on Film { minutes } } }',
    );
    expect({ data, errors }).toEqual({
      data: {
        bestRated: [
          { __typename: 'Film', stars: 4, minutes: 124 },
          { __typename: 'Book', stars: 5, pages: 635 },
        ],
      },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('library'))).toEqual([
      { __typename: 'Work', id: 'f1' },
      { __typename: 'Work', id: 'b1' },
    ]);
  });

  it('asks for no type where the client does not', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data } = await gateway.query('{ bestRated { id stars } }');
    expect(data).toEqual({
      bestRated: [
        { id: 'f1', stars: 4 },
        { id: 'b1', stars: 5 },
      ],
    });
    expect(gateway.subgraph('library').received).toEqual([]);
  });

  it('gives the field to one implementation alone when only that is selected', async () => {
    await using gateway = await startGatewayTester(graph);
    const { data, errors } = await gateway.query(
      'query($scale: Int!) { works { title ... on Film { stars(scale: $scale) } } }',
      { scale: 10 },
    );
    expect({ data, errors }).toEqual({
      data: { works: [{ title: 'Moby Dick' }, { title: 'Jaws', stars: 9 }] },
      errors: undefined,
    });
    expect(lastRepresentations(gateway.subgraph('ratings'))).toEqual([{ __typename: 'Work', id: 'f1' }]);
    expect(gateway.subgraph('ratings').received[0]?.variables).toMatchObject({ scale: 10 });
    expect(fieldsAsked(gateway.subgraph('ratings'))).toEqual([['Work.stars']]);
  });
});
