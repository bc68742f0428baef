import { gatewayConfigSchema } from '../../../gateway/config.js';
import { createGateway } from '../../../gateway/createGateway.js';
import { createStaticSource } from '../../../gateway/supergraph/staticSource.js';
import { listen } from '../../../platform/http/httpServer.js';
import { silentLogger } from '../../../platform/logger.js';
import { composeSupergraph } from '../../../schema/composeSupergraph.js';
import { echoSubgraph } from '../../support/echoSubgraph.js';
import { federationLink } from '../../support/federationLink.js';
import { startGatewayTester } from '../../support/gatewayTester.js';

const other = {
  name: 'other',
  typeDefs: `${federationLink()} type Query { other: Int }`,
  resolvers: { Query: { other: () => 1 } },
};
async function health(url: string, path: 'live' | 'ready') {
  const response = await fetch(new URL(`/health/${path}`, url));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('health', () => {
  it('is live and ready once a supergraph is loaded, and knows nothing yet of subgraphs that were not asked', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [echoSubgraph, other] });
    expect(await health(gateway.url, 'live')).toEqual({ status: 200, body: { live: true } });
    expect(await health(gateway.url, 'ready')).toEqual({
      status: 200,
      body: {
        ready: true,
        supergraph: expect.stringMatching(/^[0-9a-f]{16}$/),
        subgraphs: { echo: 'unknown', other: 'unknown' },
      },
    });
  });

  it('stays ready when a subgraph is down, and shows which', async () => {
    await using gateway = await startGatewayTester({ subgraphs: [echoSubgraph, other] });
    await gateway.subgraph('other').close();
    await gateway.query('{ hello other }');
    expect(await health(gateway.url, 'ready')).toMatchObject({
      status: 200,
      body: { ready: true, subgraphs: { echo: 'up', other: 'down' } },
    });
  });

  it('shows a subgraph as down that answers, but not with GraphQL', async () => {
    const proxied = {
      ...other,
      intercept: (
        _request: unknown,
        response: { writeHead(status: number): { end(body: string): unknown } },
      ) => {
        response.writeHead(503).end('no healthy upstream');
      },
    };
    await using gateway = await startGatewayTester({ subgraphs: [echoSubgraph, proxied] });
    await gateway.query('{ other }');
    expect((await health(gateway.url, 'ready')).body).toMatchObject({ subgraphs: { other: 'down' } });
  });

  it('is not ready while it drains, but live, and still answers', async () => {
    const { supergraphSdl } = composeSupergraph([{ ...other, url: 'http://127.0.0.1:1/graphql' }]);
    const config = gatewayConfigSchema.parse({});
    const logger = silentLogger();
    const gateway = await createGateway({ config, source: createStaticSource(supergraphSdl), logger });
    const server = await listen({ port: 0, handler: gateway.handler, logger });
    try {
      expect(await health(server.url, 'ready')).toMatchObject({ status: 200, body: { ready: true } });
      gateway.startDraining();
      expect(await health(server.url, 'ready')).toMatchObject({ status: 503, body: { ready: false } });
      expect(await health(server.url, 'live')).toMatchObject({ status: 200 });
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      });
      expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
    } finally {
      await server.close();
      await gateway.close();
    }
  });
});
