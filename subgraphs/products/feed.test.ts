import type { ExecutionResult } from 'graphql';
import type { Client } from 'graphql-ws';
import { graphqlSocketClient } from '../../test/support/graphqlSocketClient.js';
import {
  startTestProducts,
  TEST_FEED_TOKEN,
  type TestProducts,
} from '../../test/support/startTestProducts.js';
import { until } from '../../test/support/until.js';

interface Invalidation {
  readonly tags: string[];
  readonly cursor: string;
  readonly operationTime: string | null;
}
type FeedResult = ExecutionResult<{ invalidations: Invalidation }>;

const FEED = /* GraphQL */ `
  subscription ($after: String) {
    invalidations(after: $after) {
      tags
      cursor
      operationTime
    }
  }
`;

describe('the invalidation feed', () => {
  let products: TestProducts;
  const clients: Client[] = [];
  beforeEach(async () => {
    products = await startTestProducts({ heartbeatMs: 60_000 });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
    await products[Symbol.asyncDispose]();
  });

  function connect(authorization: unknown = `Bearer ${TEST_FEED_TOKEN}`): Client {
    const client = graphqlSocketClient(`${products.url}/invalidations`, { authorization });
    clients.push(client);
    return client;
  }
  const subscribe = (after?: string) =>
    connect().iterate({ query: FEED, variables: { after } }) as unknown as AsyncGenerator<FeedResult, void>;

  async function next(feed: AsyncGenerator<FeedResult, void>): Promise<Invalidation> {
    const { value } = await feed.next();
    if (!value?.data) throw new Error(`no event but ${JSON.stringify(value)}`);
    return value.data.invalidations;
  }

  async function create(sku: string): Promise<{ id: string; tags: string[]; operationTime: string }> {
    const { data, extensions } = await products.query(
      `mutation { createProduct(input: { sku: "${sku}", name: "Atlas ${sku}", category: "books",
        price: { amountMinor: 5, currency: "EUR" } }) { id } }`,
    );
    return {
      id: data.createProduct.id,
      ...(extensions?.['headgate'] as { tags: string[]; operationTime: string }),
    };
  }

  it.each([['Bearer wrong'], [TEST_FEED_TOKEN], [''], [undefined], [7]])(
    'closes with 4403 for who sends %p',
    async (authorization) => {
      const feed = graphqlSocketClient(
        `${products.url}/invalidations`,
        authorization === undefined ? {} : { authorization },
      ).iterate({ query: FEED });
      await expect(feed.next()).rejects.toMatchObject({ code: 4403 });
    },
  );

  it('begins with a heartbeat: a cursor, and no tags', async () => {
    const feed = subscribe();
    expect(await next(feed)).toEqual({
      tags: [],
      cursor: expect.any(String),
      operationTime: expect.any(String),
    });
  });

  it('keeps on sending heartbeats when nothing happens', async () => {
    await using lively = await startTestProducts({ heartbeatMs: 20 });
    const client = graphqlSocketClient(`${lively.url}/invalidations`, {
      authorization: `Bearer ${TEST_FEED_TOKEN}`,
    });
    clients.push(client);
    const feed = client.iterate({ query: FEED }) as unknown as AsyncGenerator<FeedResult, void>;
    for (let count = 0; count < 3; count++) expect((await next(feed)).tags).toEqual([]);
  });

  it('tells of a write the same tags as its mutation did, and no later time', async () => {
    const feed = subscribe();
    await next(feed);
    const { tags, operationTime } = await create('A');
    const event = await next(feed);
    expect(event.tags).toEqual(tags);
    expect(operationTime >= (event.operationTime as string)).toBe(true);
  });

  it('tells the lists that a product left or entered by its update or delete', async () => {
    const { id } = await create('A');
    const feed = subscribe();
    await next(feed);
    await products.query(
      `mutation { updateProduct(id: "${id}", input: { price: { amountMinor: 9, currency: "EUR" } }) { id } }`,
    );
    expect((await next(feed)).tags).toEqual([
      `Product:id=${id}`,
      'products:category=',
      'products:category=books',
    ]);
    await products.query(`mutation { deleteProduct(id: "${id}") }`);
    expect((await next(feed)).tags).toEqual(
      expect.arrayContaining(['products:category=books', 'searchProducts:category=', 'productBySku:sku=A']),
    );
  });

  it('resumes right after the cursor, with all that happened in between', async () => {
    const before = subscribe();
    await next(before);
    const first = await create('A');
    const { cursor, tags } = await next(before);
    expect(tags).toContain(`Product:id=${first.id}`);
    await before.return();
    const missed = [await create('B'), await create('C')];
    const resumed = subscribe(cursor);
    for (const { id } of missed) expect((await next(resumed)).tags).toContain(`Product:id=${id}`);
  });

  it('says CURSOR_LOST for a cursor it knows nothing of, and ends', async () => {
    const feed = subscribe('of-another-life');
    const { value } = await feed.next();
    expect(value?.errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'CURSOR_LOST' }) }),
    ]);
    expect((await feed.next()).done).toBe(true);
  });

  it('is no part of the public schema', async () => {
    const { data } = await products.query(
      '{ __schema { subscriptionType { fields { name } } } _service { sdl } }',
    );
    expect(data.__schema.subscriptionType.fields).toEqual([{ name: 'productChanged' }]);
    expect(data._service.sdl).not.toContain('nvalidation');
  });

  it('lets go of the change stream when a gateway goes away', async () => {
    const feed = subscribe();
    await next(feed);
    expect(products.changes.subscribers).toBe(1);
    await clients.pop()?.dispose();
    await until('nobody listens', () => products.changes.subscribers === 0);
  });
});
