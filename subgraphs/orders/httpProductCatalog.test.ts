import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, listen } from '../../platform/http/httpServer.js';
import { readBody } from '../../platform/http/readBody.js';
import { silentLogger } from '../../platform/logger.js';
import { startTestSubgraph } from '../../test/support/testSubgraph.js';
import { createHttpProductCatalog } from './httpProductCatalog.js';

const REQUEST = { requestId: 'request-1', logger: silentLogger() };
const PRODUCTS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"])
  type Query { ok: Boolean }
  type Product @key(fields: "id") { id: ID! price: Money! }
  type Money { amountMinor: Int! currency: String! }
`;

describe('product catalog over HTTP', () => {
  it('asks for all prices at once, under the request id of the order', async () => {
    const products = await startTestSubgraph({
      name: 'products',
      typeDefs: PRODUCTS,
      resolvers: {
        Product: {
          __resolveReference: ({ id }: { id: string }) =>
            id === 'books-0002' ? null : { id, price: { amountMinor: 1999, currency: 'EUR' } },
        },
      },
    });
    const catalog = createHttpProductCatalog({ url: products.url });
    try {
      const prices = await catalog.pricesOf(['books-0001', 'books-0002', 'toys-0001'], REQUEST);
      expect([...prices.keys()]).toEqual(['books-0001', 'toys-0001']);
      expect(prices.get('books-0001')).toEqual({ amountMinor: 1999, currency: 'EUR' });
      expect(products.received).toHaveLength(1);
      expect(products.received[0]?.headers['x-request-id']).toBe('request-1');
    } finally {
      await catalog.close();
      await products.close();
    }
  });

  describe('when products cannot say', () => {
    let server: HttpServer | undefined;
    afterEach(() => server?.close());

    async function catalogOf(answer: (response: ServerResponse) => void, timeoutMs = 5_000) {
      server = await listen({
        port: 0,
        logger: silentLogger(),
        drainTimeoutMs: 0,
        async handler(request: IncomingMessage, response: ServerResponse) {
          await readBody(request, 1_000_000);
          answer(response);
        },
      });
      return createHttpProductCatalog({ url: `${server.url}/graphql`, timeoutMs });
    }
    const json = (value: unknown) => (response: ServerResponse) => response.end(JSON.stringify(value));
    const entities = (..._entities: unknown[]) => ({ data: { _entities } });

    it('takes `null` for no errors, as some servers say it', async () => {
      const price = { amountMinor: 1, currency: 'EUR' };
      const catalog = await catalogOf(json({ ...entities({ price }), errors: null }));
      expect([...(await catalog.pricesOf(['books-0001'], REQUEST)).values()]).toEqual([price]);
      await catalog.close();
    });

    it.each([
      ['what is not JSON', (response: ServerResponse) => response.end('<html>')],
      ['an error', json({ errors: [{ message: 'no' }] })],
      [
        'an error beside data: not found is not the same as not read',
        json({ ...entities(null), errors: [{}] }),
      ],
      ['too few products', json(entities())],
      ['a product without a price', json(entities({}))],
      ['a price below nothing', json(entities({ price: { amountMinor: -1, currency: 'EUR' } }))],
      ['a price that is no whole number', json(entities({ price: { amountMinor: 0.5, currency: 'EUR' } }))],
    ])('refuses %s', async (_, answer) => {
      const catalog = await catalogOf(answer);
      await expect(catalog.pricesOf(['books-0001'], REQUEST)).rejects.toMatchObject({
        code: 'SUBGRAPH_BAD_RESPONSE',
        extensions: { service: 'products' },
      });
    });

    it('gives up in time', async () => {
      const catalog = await catalogOf(() => undefined, 50);
      await expect(catalog.pricesOf(['books-0001'], REQUEST)).rejects.toMatchObject({
        code: 'SUBGRAPH_TIMEOUT',
        extensions: { service: 'products' },
      });
    });

    it('gives up in time when the answer stops half-way', async () => {
      const catalog = await catalogOf((response) => response.write('{"data":'), 50);
      await expect(catalog.pricesOf(['books-0001'], REQUEST)).rejects.toMatchObject({
        code: 'SUBGRAPH_TIMEOUT',
      });
    });

    it('says that nobody is there', async () => {
      const catalog = await catalogOf(() => undefined);
      await server?.close();
      await expect(catalog.pricesOf(['books-0001'], REQUEST)).rejects.toMatchObject({
        code: 'SUBGRAPH_UNAVAILABLE',
        extensions: { service: 'products' },
      });
    });
  });
});
