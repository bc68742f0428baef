import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { silentLogger } from '../../platform/logger.js';
import { createRegistryGraph } from './registryGraph.js';

const schemaOf = (version: number) => `type Query { version${version}: Int }`;

describe('the graph of a registry', () => {
  let server: HttpServer;
  let serving: number;
  /** Called when a schema is about to be given. */
  let beforeSchema: () => void;
  let answer: ((path: string) => { status: number; body: unknown }) | undefined;
  beforeEach(async () => {
    serving = 1;
    beforeSchema = () => undefined;
    answer = undefined;
    server = await listen({
      port: 0,
      logger: silentLogger(),
      handler(request, response) {
        const url = new URL(request.url ?? '', 'http://registry');
        if (answer !== undefined) {
          const { status, body } = answer(url.pathname);
          return sendJson(response, status, body);
        }
        if (url.pathname === '/v1/graph') {
          const subgraphs = [{ name: 'products', url: 'http://products', schema: `hash${serving}` }];
          return sendJson(response, 200, { number: serving, subgraphs });
        }
        beforeSchema();
        response.end(schemaOf(Number(url.searchParams.get('version') ?? serving)));
      },
    });
  });
  afterEach(() => server.close());

  const graphOf = () => createRegistryGraph({ url: server.url, token: undefined });

  it('is of one version, also when another one is published while it is read, and is never mistaken for that later', async () => {
    const read = graphOf();
    beforeSchema = () => {
      serving = 2;
    };
    expect(await read()).toMatchObject([{ typeDefs: schemaOf(1) }]);
    // A rollback.
    serving = 1;
    expect(await read()).toMatchObject([{ typeDefs: schemaOf(1) }]);
  });

  it('is read again only where it changed', async () => {
    const read = graphOf();
    let asked = 0;
    beforeSchema = () => {
      asked += 1;
    };
    await read();
    await read();
    expect(asked).toBe(1);
    serving = 2;
    expect(await read()).toMatchObject([{ typeDefs: schemaOf(2) }]);
    expect(asked).toBe(2);
  });

  it.each([
    [
      'says so while nothing was published',
      404,
      'nothing has been published yet',
      /nothing has been published yet$/,
    ],
    [
      'asks for a token where one is needed',
      401,
      'a token is needed',
      /give --token, or set HEADGATE_SCHEMA_TOKEN$/,
    ],
    ['says what the registry says', 503, '32 others are waiting already', /32 others are waiting already$/],
  ])('%s', async (_what, status, message, said) => {
    answer = () => ({ status, body: { errors: [{ message, extensions: {} }] } });
    await expect(graphOf()()).rejects.toMatchObject({
      name: 'CommandError',
      message: expect.stringMatching(said),
    });
  });

  it.each(['<!doctype html>', { subgraphs: 'none' }])(
    'is not taken from what is no registry: %j',
    async (body) => {
      answer = () => ({ status: 200, body });
      await expect(graphOf()()).rejects.toMatchObject({
        name: 'CommandError',
        message: expect.stringMatching(/what answers there is no schema registry$/),
      });
    },
  );
});
