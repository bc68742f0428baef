import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const subgraphs = [
  {
    name: 'users',
    typeDefs: `${federationLink('@key')} type Query { me: User } type User @key(fields: "id") { id: ID! name: String }`,
    resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
  },
  {
    name: 'reviews',
    typeDefs: `${federationLink('@key')} type User @key(fields: "id") { id: ID! text: String }`,
    resolvers: { User: { __resolveReference: ({ id }: { id: string }) => ({ id, text: 'fine' }) } },
  },
];

describe('@defer', () => {
  it.each(['application/json', 'multipart/mixed; deferSpec=20220824, application/json'])(
    'is answered whole, in one piece, to a client that accepts %s',
    async (accept) => {
      await using gateway = await startGatewayTester({ subgraphs });
      const query = '{ me { id ... @defer(label: "slow") { name text } } }';
      for (let time = 0; time < 2; time++) {
        const { status, headers, data, errors } = await gateway.query(query, {}, { accept });
        expect({ status, data, errors }).toEqual({
          status: 200,
          data: { me: { id: '1', name: 'Ada', text: 'fine' } },
          errors: undefined,
        });
        expect(headers.get('content-type')).toMatch(/^application\/json/);
      }
    },
  );
});
