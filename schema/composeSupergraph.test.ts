import { composeSupergraph } from './composeSupergraph.js';

describe('composing', () => {
  it('says where a schema stops being GraphQL', () => {
    const typeDefs = 'type Query {\n  a: Int\n  "left over"\n}\n';
    expect(() => composeSupergraph([{ name: 'shop', url: 'http://shop', typeDefs }])).toThrow(
      expect.objectContaining({
        faults: ['INVALID_GRAPHQL: [shop] Syntax Error: Expected Name, found "}". (line 4, column 1)'],
      }),
    );
  });
});
