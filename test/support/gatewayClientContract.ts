import { createConsistencyTokens } from '../../clients/consistencyTokens.js';
import type { GatewayClientOptions } from '../../clients/gatewayClientOptions.js';
import { parseConsistencyToken } from '../../gateway/cache/consistencyToken.js';
import { startGatewayTester } from './gatewayTester.js';
import { namesSubgraph } from './namesSubgraph.js';

export interface ClientUnderTest {
  /** Rejects with what the library reports as an error. Not from a cache of the library's. */
  query(text: string, variables?: Record<string, unknown>): Promise<unknown>;
  mutate(text: string, variables?: Record<string, unknown>): Promise<unknown>;
}

export interface ClientUnderTestOptions extends GatewayClientOptions {
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
}

const SECRET = 'a secret of all gateways';
const CONFIG = { cache: { tokenSecret: SECRET } };
const READ = 'query Product($id: ID!) { product(id: $id) { name } }';
const WRITE = 'mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { name } }';

interface Exchanged {
  readonly method: string;
  readonly url: URL;
  readonly body: Record<string, unknown> | undefined;
  readonly token: string | null;
  readonly cacheStatus: string | null;
}

/** The network between a client and its gateways. */
function recordNetwork() {
  const exchanged: Exchanged[] = [];
  const recordingFetch: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    exchanged.push({
      method: init?.method ?? 'GET',
      url: new URL(String(input)),
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
      token: new Headers(init?.headers).get('headgate-consistency'),
      cacheStatus: response.headers.get('x-cache'),
    });
    return response;
  };
  return { exchanged, fetch: recordingFetch };
}

/** What a client library with our part in it does before real gateways. */
export function describeGatewayClient(
  name: string,
  createClient: (options: ClientUnderTestOptions) => ClientUnderTest,
): void {
  async function start(options: GatewayClientOptions = {}) {
    const gateway = await startGatewayTester({ subgraphs: [namesSubgraph('shop')], config: CONFIG });
    const network = recordNetwork();
    const client = createClient({ ...options, url: gateway.url, fetch: network.fetch });
    return {
      gateway,
      client,
      createAnother: () => createClient({ url: gateway.url, ...network }),
      ...network,
    };
  }

  const timesIn = (token: string | null | undefined) => [
    ...parseConsistencyToken(token ?? undefined, SECRET).times.values(),
  ];

  describe(`${name} before a gateway`, () => {
    it('asks by the hash of the query over GET, and tells the text when the gateway does not know it', async () => {
      const { gateway, client, createAnother, exchanged } = await start();
      await using _gateway = gateway;
      const shoe = { product: { name: 'Shoe' } };
      expect(await client.query(READ, { id: 'p1' })).toMatchObject(shoe);
      expect(exchanged.map(({ method }) => method)).toEqual(['GET', 'POST']);
      expect(exchanged[0]?.url.searchParams.has('query')).toBe(false);
      expect(exchanged[1]?.body).toMatchObject({ query: expect.stringContaining('query Product') });

      expect(await createAnother().query(READ, { id: 'p1' })).toMatchObject(shoe);
      expect(await createAnother().query(READ, { id: 'p1' })).toMatchObject(shoe);
      expect(exchanged.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'GET']);
      expect(exchanged[3]?.url.href).toBe(exchanged[2]?.url.href);
      expect(exchanged[3]?.cacheStatus).toBe('hit; tier=memory');
      expect(gateway.subgraph('products').received).toHaveLength(1);
    });

    it('writes over POST with the text, also once the gateway could know the hash', async () => {
      const { gateway, client, exchanged } = await start();
      await using _gateway = gateway;
      for (const to of ['Boot', 'Sandal']) await client.mutate(WRITE, { id: 'p1', name: to });
      expect(exchanged.map(({ method }) => method)).toEqual(['POST', 'POST']);
      for (const { body } of exchanged) {
        expect(body).toMatchObject({ query: expect.stringContaining('mutation Rename') });
        expect(body).not.toHaveProperty('extensions.persistedQuery');
      }
    });

    it('reads what it wrote, and shows what it has seen with each request from then on', async () => {
      const { gateway, client, exchanged } = await start();
      await using _gateway = gateway;
      await client.query(READ, { id: 'p1' });
      await client.query(READ, { id: 'p1' });
      expect(exchanged.map(({ token }) => token)).toEqual([null, null, null]);
      await client.mutate(WRITE, { id: 'p1', name: 'Boot' });
      expect(await client.query(READ, { id: 'p1' })).toMatchObject({ product: { name: 'Boot' } });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['shop@0000000000000001']);
      await client.mutate(WRITE, { id: 'p1', name: 'Clog' });
      await client.query(READ, { id: 'p2' });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['shop@0000000000000002']);
      expect(exchanged.at(-1)?.token).not.toContain(',');
    });

    it('remembers the latest of writes that ran at once', async () => {
      const { gateway, client, exchanged } = await start();
      await using _gateway = gateway;
      const writes = ['A', 'B', 'C', 'D'].map((to) => client.mutate(WRITE, { id: to, name: to }));
      await Promise.all(writes);
      await client.query(READ, { id: 'A' });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['shop@0000000000000004']);
    });

    it('does not carry what it has seen of one gateway to another', async () => {
      const tokens = createConsistencyTokens();
      const { gateway, client, fetch, exchanged } = await start({ tokens });
      await using _gateway = gateway;
      await using other = await startGatewayTester({ subgraphs: [namesSubgraph('other')], config: CONFIG });
      const otherClient = createClient({ tokens, url: other.url, fetch });
      await client.mutate(WRITE, { id: 'p1', name: 'Boot' });
      await otherClient.query(READ, { id: 'p1' });
      expect(exchanged.at(-1)?.token).toBeNull();
      await otherClient.mutate(WRITE, { id: 'p1', name: 'Clog' });
      await client.query(READ, { id: 'p1' });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['shop@0000000000000001']);
      await otherClient.query(READ, { id: 'p1' });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['other@0000000000000001']);
    });

    it('comes to no harm by a token that another gateway signed', async () => {
      const tokens = createConsistencyTokens();
      const { gateway, client, exchanged } = await start({ tokens });
      await using _gateway = gateway;
      await client.query(READ, { id: 'p1' });
      tokens.take(gateway.url, undefined, 'v1.c2hvcEBmZmZmZmZmZmZmZmZmZmZm.bm90IHNpZ25lZCBoZXJl');
      await client.query(READ, { id: 'p1' });
      expect(await client.query(READ, { id: 'p1' })).toMatchObject({ product: { name: 'Shoe' } });
      expect(exchanged.at(-1)).toMatchObject({ cacheStatus: 'hit; tier=memory' });
      await client.mutate(WRITE, { id: 'p1', name: 'Boot' });
      await client.query(READ, { id: 'p1' });
      expect(timesIn(exchanged.at(-1)?.token)).toEqual(['shop@0000000000000001']);
      expect(exchanged.at(-1)?.token).not.toContain(',');
    });

    it('reports errors as the library does, and asks anew the next time', async () => {
      const { gateway, client } = await start();
      await using _gateway = gateway;
      await expect(client.query('query Broken { broken }')).rejects.toThrow();
      await expect(client.query('query Broken { broken }')).rejects.toThrow();
      expect(gateway.subgraph('products').received).toHaveLength(2);
      await expect(client.query('query NoSuch { noSuch }')).rejects.toThrow(/noSuch/);
      expect(await client.query(READ, { id: 'p1' })).toMatchObject({ product: { name: 'Shoe' } });
    });

    it('sends variables that fit into no URL over POST', async () => {
      const { gateway, client, exchanged } = await start();
      await using _gateway = gateway;
      const text = 'query Long($note: String) { product(id: "p1", note: $note) { name } }';
      expect(await client.query(text, { note: 'x'.repeat(50_000) })).toMatchObject({
        product: { name: 'Shoe' },
      });
      expect(exchanged.map(({ method }) => method)).toEqual(['POST', 'POST']);
    });

    it('asks by text over POST where it is told to', async () => {
      const { gateway, client, exchanged } = await start({ persistedQueries: false });
      await using _gateway = gateway;
      await client.query(READ, { id: 'p1' });
      expect(exchanged).toMatchObject([{ method: 'POST', body: { query: expect.any(String) } }]);
    });
  });
}
