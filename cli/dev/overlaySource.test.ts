import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { silentLogger } from '../../platform/logger.js';
import { until } from '../../test/support/until.js';
import { createOverlaySource } from './overlaySource.js';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const types = (fields: string) =>
  `${LINK} type Query { product: Product } type Product @key(fields: "id") { id: ID ${fields} }`;
const products = { name: 'products', url: 'http://running/products', typeDefs: types('name: String') };
const stock = {
  name: 'stock',
  url: 'http://running/stock',
  typeDefs: `${LINK} type Product @key(fields: "id") { id: ID count: Int }`,
};

describe('the running graph with a local subgraph over it', () => {
  let server: HttpServer;
  let sdl: string | undefined;
  beforeEach(async () => {
    sdl = types('name: String colour: String');
    server = await listen({
      port: 0,
      logger: silentLogger(),
      async handler(request, response) {
        const { query } = JSON.parse((await readBody(request, 10_000)).toString()) as { query: string };
        if (sdl === undefined || !query.includes('_service')) return sendJson(response, 500, {});
        sendJson(response, 200, { data: { _service: { sdl } } });
      },
    });
  });
  afterEach(() => server.close());

  function overlay(name: string) {
    const running = [products, stock];
    const source = createOverlaySource({
      running: async () => running,
      local: [{ name, url: server.url }],
      pollMs: 2,
    });
    const changes: string[] = [];
    const failures: string[] = [];
    return {
      source,
      running,
      changes,
      failures,
      watch: () =>
        source.watch(
          (text) => void changes.push(text),
          (error) => failures.push(String(error)),
        ),
      [Symbol.dispose]: () => void source.close(),
    };
  }

  it('has the local one in place of the one of its name, and the others where they run', async () => {
    using graph = overlay('products');
    const text = await graph.source.read();
    expect(text).toContain('colour: String');
    expect(text).toContain(`@join__graph(name: "products", url: "${server.url}")`);
    expect(text).toContain('@join__graph(name: "stock", url: "http://running/stock")');
  });

  it('may have one more', async () => {
    using graph = overlay('reviews');
    sdl = `${LINK} type Product @key(fields: "id") { id: ID reviews: [String] }`;
    const text = await graph.source.read();
    expect(text).toContain('reviews: [String]');
    expect(text).toContain('url: "http://running/products"');
  });

  it('follows the local schema and the running graph, and says once why it cannot', async () => {
    using graph = overlay('products');
    await graph.source.read();
    graph.watch();
    sdl = types('name: String size: Int');
    await until('the local change is seen', () => graph.changes.length === 1);
    expect(graph.changes[0]).toContain('size: Int');
    graph.running[1] = { ...stock, typeDefs: `${stock.typeDefs.slice(0, -1)} free: Int }` };
    await until('the change of another team is seen', () => graph.changes.length === 2);
    expect(graph.changes[1]).toContain('free: Int');
    sdl = types('name: Missing');
    await until('it does not compose', () => graph.failures.length === 1);
    expect(graph.failures[0]).toContain('Missing');
    sdl = undefined;
    await until('it does not answer', () => graph.failures.length === 2);
    sdl = types('name: String size: Int weight: Int');
    await until('it is well again', () => graph.changes.length === 3);
    expect(graph.failures).toHaveLength(2);
  });

  it('does not start while the local one does not answer, and says which', async () => {
    using graph = overlay('products');
    sdl = undefined;
    await expect(graph.source.read()).rejects.toThrow(`products at ${server.url} does not tell its schema`);
  });
});
