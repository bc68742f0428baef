import os from 'node:os';
import { MongoClient } from 'mongodb';
import type { Database } from '../../platform/database/database.js';
import { openDatabase } from '../../platform/database/openDatabase.js';
import { describeReal, realMongodbUri } from '../../test/support/realParts.js';
import { type ConnectionSort, encodeCursor, readPage } from '../shared/connection.js';
import { PRODUCTS_COLLECTIONS } from './collections.js';
import { loadSampleProducts } from './loadSampleProducts.js';
import type { ProductDocument } from './productDocument.js';
import { PRODUCT_SORTS, SEARCH_SORT } from './productSorts.js';
import { SCATTER_QUERIES } from './scatterQueries.js';
import { queryTokens } from './searchTokens.js';
import { createProductStore, type ProductStore } from './store.js';

type Command = Readonly<Record<string, unknown>>;

interface Explained {
  readonly stages: readonly string[];
  readonly keysExamined: number;
  readonly docsExamined: number;
}

describeReal('mongodb', 'the queries on products', () => {
  const uri = realMongodbUri();
  const sent: Command[] = [];
  let client: MongoClient;
  let database: Database;
  let store: ProductStore;

  beforeAll(async () => {
    // The driver would load `os` by a dynamic import, which jest's module loader does not have.
    client = await MongoClient.connect(uri, { runtimeAdapters: { os } });
    database = await openDatabase({
      uri,
      name: 'test',
      onCommand: (event) => {
        if (event.phase === 'started' && event.name === 'find') sent.push(event.command);
      },
    });
    await database.ensure(PRODUCTS_COLLECTIONS);
    await loadSampleProducts(database, 'EUR');
    store = createProductStore({ database, clock: () => new Date() });
  });
  afterAll(async () => {
    await database.close();
    await client.close();
  });

  /** The commands that `run` sends, each as the server would execute it. */
  async function explain(run: () => Promise<unknown>): Promise<{ command: Command; plan: Explained }[]> {
    sent.length = 0;
    await run();
    return Promise.all(
      sent.map(async (command) => {
        const { find, filter, sort, limit } = command;
        const explained = await client.db().command({
          explain: {
            find,
            filter,
            ...(sort !== undefined && { sort }),
            ...(limit !== undefined && { limit }),
          },
          verbosity: 'executionStats',
        });
        return { command, plan: summarise(explained) };
      }),
    );
  }

  function expectTargeted({ find, filter }: Command, scatters: boolean): void {
    if (find === 'skus') expect(filter).toEqual({ _id: expect.any(String) });
    else expect(fieldsOf(filter).includes('category')).toBe(!scatters);
  }

  const deepCursor = async (sort: ConnectionSort<ProductDocument>, category: string | undefined) => {
    const page = { ...readPage({}, sort), limit: 2_000 };
    const found = await store.list({ category, filter: {}, page }, {});
    return encodeCursor(sort, found[Math.floor(found.length * 0.6)] as ProductDocument);
  };

  describe.each([
    ['of one category', 'books'],
    ['of the whole shop', undefined],
  ])('for a list %s', (_name, category) => {
    it.each(Object.values(PRODUCT_SORTS).map((sort) => [sort.name, sort] as const))(
      'in the order %s read one page from an index, also deep in the list',
      async (_sort, sort) => {
        const after = await deepCursor(sort, category);
        for (const page of [readPage({ first: 20 }, sort), readPage({ first: 20, after }, sort)]) {
          const [query, ...more] = await explain(() => store.list({ category, filter: {}, page }, {}));
          expect(more).toEqual([]);
          expectInOrderFromIndex(query?.plan);
          // A page, and the few that share the cursor's value.
          expect(query?.plan.keysExamined).toBeLessThan(80);
          expectTargeted(query?.command as Command, category === undefined);
        }
      },
    );

    it('with a price range read that range only', async () => {
      const page = readPage({ first: 20 }, PRODUCT_SORTS.PRICE_ASC);
      const filter = { minPriceMinor: 3_000, maxPriceMinor: 3_500 };
      const [query] = await explain(() => store.list({ category, filter, page }, {}));
      expectInOrderFromIndex(query?.plan);
      expect(query?.plan.keysExamined).toBeLessThan(30);
    });

    it('found by search read in order from an index of tokens', async () => {
      const page = readPage({ first: 20 }, SEARCH_SORT);
      const tokens = queryTokens('the atlas');
      const [query] = await explain(() => store.search({ category, tokens, page }, {}));
      expectInOrderFromIndex(query?.plan);
      expectTargeted(query?.command as Command, category === undefined);
    });
  });

  it('for 50 entities are one command that names their categories', async () => {
    const ids = Array.from(
      { length: 50 },
      (_, index) => `${index % 2 ? 'books' : 'garden'}-${String(index + 1).padStart(4, '0')}`,
    );
    const [query, ...more] = await explain(() => store.byIds(ids, {}));
    expect(more).toEqual([]);
    expect(query?.plan.stages).toContain('IXSCAN');
    expect(query?.plan.docsExamined).toBe(50);
    expectTargeted(query?.command as Command, false);
  });

  it('for a SKU is one command by its key', async () => {
    const [query, ...more] = await explain(() => store.idOfSku('BOO-00001', {}));
    expect(more).toEqual([]);
    expect(query?.plan.docsExamined).toBe(1);
    expectTargeted(query?.command as Command, false);
  });

  it('that reach every shard are on the list, and the list has no others', async () => {
    sent.length = 0;
    for (const category of ['books', undefined]) {
      for (const sort of Object.values(PRODUCT_SORTS)) {
        await store.list({ category, filter: {}, page: readPage({}, sort) }, {});
      }
      await store.search({ category, tokens: ['a'], page: readPage({}, SEARCH_SORT) }, {});
    }
    const scattered = sent.filter(({ filter }) => !fieldsOf(filter).includes('category'));
    const reasons = scattered.map(({ find, filter, sort }) => {
      const fields = fieldsOf(filter);
      // What a query filters by tells more about it than its order.
      const [by] = fields.length > 0 ? fields : fieldsOf(Object.fromEntries(sort as Map<string, unknown>));
      return `${find} by ${by}`;
    });
    const listed = SCATTER_QUERIES.flatMap(({ collection, by }) =>
      by.map((field) => `${collection} by ${field}`),
    );
    expect([...new Set(reasons)].sort()).toEqual(listed.sort());
  });
});

/** One walk along an index in the order that was asked for: nothing is scanned, nothing sorted. */
function expectInOrderFromIndex(plan: Explained | undefined): void {
  expect(plan?.stages).toContain('IXSCAN');
  expect(plan?.stages).not.toContain('COLLSCAN');
  expect(plan?.stages).not.toContain('SORT');
}

function summarise(explained: Record<string, unknown>): Explained {
  const { winningPlan } = explained['queryPlanner'] as { winningPlan: unknown };
  const stats = explained['executionStats'] as { totalKeysExamined: number; totalDocsExamined: number };
  return {
    stages: stagesOf(winningPlan),
    keysExamined: stats.totalKeysExamined,
    docsExamined: stats.totalDocsExamined,
  };
}

function stagesOf(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  const own = (value as { stage?: unknown }).stage;
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(value).flatMap(stagesOf)];
}

function fieldsOf(filter: unknown): string[] {
  return Object.entries(filter as object).flatMap(([field, demand]) =>
    field === '$and' ? (demand as unknown[]).flatMap(fieldsOf) : [field],
  );
}
