import { federationLink } from '../../support/federationLink.js';
import { type GatewayTester, startGatewayTester } from '../../support/gatewayTester.js';
import { graphqlSocketClient } from '../../support/graphqlSocketClient.js';
import { startTestIssuer, type TestIssuer } from '../../support/testIssuer.js';

const chat = {
  name: 'chat',
  typeDefs: `${federationLink('@authenticated', '@listSize')}
    type Query { rooms: [String] }
    type Subscription { secret: Message @authenticated  open(first: Int): [Message] @listSize(slicingArguments: ["first"]) }
    type Message { text: String }`,
  resolvers: {
    Subscription: {
      secret: {
        async *subscribe() {
          yield { secret: { text: 'hush' } };
        },
      },
    },
  },
};

/** What ends a subscription that gets no result: errors of GraphQL, or the code with which the socket was closed. */
function refusal(url: string, query: string, params: Record<string, unknown> = {}): Promise<unknown> {
  const client = graphqlSocketClient(url, params);
  return new Promise((resolve, reject) => {
    client.subscribe(
      { query },
      {
        next: (result) => reject(new Error(`a result: ${JSON.stringify(result)}`)),
        complete: () => reject(new Error('completed')),
        error(reason) {
          void client.dispose();
          if (Array.isArray(reason)) resolve(reason[0]?.extensions?.code);
          else resolve((reason as { code?: unknown }).code);
        },
      },
    );
  });
}

describe('over WebSocket', () => {
  let issuer: TestIssuer;
  let gateway: GatewayTester;
  beforeAll(async () => {
    issuer = await startTestIssuer();
    gateway = await startGatewayTester({
      subgraphs: [chat],
      config: { identity: { jwt: issuer.jwtConfig } },
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  it('nobody subscribes to what needs an identity without one', async () => {
    expect(await refusal(gateway.url, 'subscription { secret { text } }')).toBe('UNAUTHORIZED_FIELD_OR_TYPE');
  });

  it('a token in the parameters is believed, and a bad one closes the connection', async () => {
    const authorization = `Bearer ${await issuer.token('ada', { expiresIn: -3_600 })}`;
    expect(await refusal(gateway.url, 'subscription { secret { text } }', { authorization })).toBe(4403);
    const client = graphqlSocketClient(gateway.url, {
      authorization: `Bearer ${await issuer.token('ada')}`,
    });
    for await (const { data } of client.iterate({ query: 'subscription { secret { text } }' })) {
      expect(data).toEqual({ secret: { text: 'hush' } });
      break;
    }
    await client.dispose();
  });

  it.each([
    [
      'limits',
      `subscription { open { ${Array.from({ length: 300 }, (_, i) => `a${i}: text`).join(' ')} } }`,
      'OPERATION_LIMIT_EXCEEDED',
    ],
    ['costs', 'subscription { open(first: 2000000) { text } }', 'COST_LIMIT_EXCEEDED'],
  ])('%s hold as over HTTP', async (_what, query, code) => {
    expect(await refusal(gateway.url, query)).toBe(code);
  });
});
