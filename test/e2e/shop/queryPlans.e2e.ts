import os from 'node:os';
import { MongoClient } from 'mongodb';
import type { CommandEvent } from '../../../platform/database/mongodb/monitorCommands.js';
import { INVENTORY_COLLECTIONS } from '../../../subgraphs/inventory/collections.js';
import { ORDERS_COLLECTIONS } from '../../../subgraphs/orders/collections.js';
import { ORDERS_SCATTER_QUERIES } from '../../../subgraphs/orders/scatterQueries.js';
import { PRODUCTS_COLLECTIONS } from '../../../subgraphs/products/collections.js';
import { SCATTER_QUERIES as PRODUCTS_SCATTER_QUERIES } from '../../../subgraphs/products/scatterQueries.js';
import { faultsOf, isTargeted, type Rules, scatterFields } from '../../support/queryPlans/faultsOf.js';
import { type CapturedQuery, type Command, queriesOf, shapeOf } from '../../support/queryPlans/queriesOf.js';
import { type WinningPlan, winningPlan } from '../../support/queryPlans/winningPlan.js';
import { describeReal, realMongodbUri } from '../../support/realParts.js';
import { type Shop, startShop } from '../../support/startShop.js';
import { browse, edit, order, reserve, work } from './representativeStories.js';

/** Indexes that no query of ours asks for, and why they are there all the same. */
const UNASKED_INDEXES: Readonly<Record<string, string>> = {
  'settlements.archivedAt_ttl': 'MongoDB itself deletes by it.',
  'products.category_id': 'A sharded collection must have it; the planner takes `_id_` for single documents.',
  'orders.shard_key': 'A sharded collection must have it; the planner takes `_id_` for single documents.',
};

const SCATTER_QUERIES = [...ORDERS_SCATTER_QUERIES, ...PRODUCTS_SCATTER_QUERIES];

const RULES: Rules = {
  definitions: [...PRODUCTS_COLLECTIONS, ...INVENTORY_COLLECTIONS, ...ORDERS_COLLECTIONS],
  scatter: SCATTER_QUERIES,
};

describeReal('mongodb', 'the queries that the shop sends', () => {
  const captured = new Map<string, { readonly query: CapturedQuery; readonly database: string }>();
  const unruly: unknown[] = [];
  let shop: Shop;
  let client: MongoClient;

  function onCommand(event: CommandEvent): void {
    if (event.phase !== 'started') return;
    try {
      for (const query of queriesOf(event.name, event.command)) {
        captured.set(shapeOf(query), { query, database: event.database });
      }
    } catch (error) {
      // Thrown here it would end in the driver.
      unruly.push(error);
    }
  }

  beforeAll(async () => {
    // The driver would load `os` by a dynamic import, which jest's module loader does not have.
    client = await MongoClient.connect(realMongodbUri(), { runtimeAdapters: { os } });
    shop = await startShop({ newUri: realMongodbUri, database: () => ({ onCommand }) });
    await browse(shop);
    await edit(shop);
    await order(shop);
    await reserve(shop, onCommand);
    await work(shop, onCommand);
  });
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    await client.close();
  });

  async function planOf({ explainable }: CapturedQuery, database: string): Promise<WinningPlan> {
    const explained = await client.db(database).command({ explain: explainable, verbosity: 'queryPlanner' });
    return winningPlan(explained);
  }

  it('are of kinds that this test understands', () => {
    expect(unruly).toEqual([]);
    // Each subgraph was heard, and its writes as well as its reads.
    const heard = new Set([...captured.values()].map(({ query }) => `${query.collection} ${query.writes}`));
    for (const collection of ['products', 'skus', 'stock', 'orders']) {
      expect(heard).toContain(`${collection} true`);
      expect(heard).toContain(`${collection} false`);
    }
  });

  it('scan no collection, and carry their shard key unless they are on the list of those that scatter', async () => {
    const faults: string[] = [];
    for (const { query, database } of captured.values()) {
      faults.push(...faultsOf(query, await planOf(query, database), RULES));
    }
    expect(faults).toEqual([]);
  });

  it('scatter in no other ways than listed, and in all of those', () => {
    const met = [...captured.values()].flatMap(({ query }) => {
      const definition = RULES.definitions.find(({ name }) => name === query.collection);
      if (!definition || isTargeted(query, definition)) return [];
      return scatterFields(query, RULES.scatter).map((field) => `${query.collection} by ${field}`);
    });
    const listed = SCATTER_QUERIES.flatMap(({ collection, by }) =>
      by.map((field) => `${collection} by ${field}`),
    );
    expect([...new Set(met)].sort()).toEqual(listed.sort());
  });

  it('need every index that is declared', async () => {
    const used = new Set<string>();
    for (const { query, database } of captured.values()) {
      const { indexes } = await planOf(query, database);
      for (const index of indexes) used.add(`${query.collection}.${index}`);
    }
    const declared = RULES.definitions.flatMap(({ name, indexes }) =>
      indexes.map((index) => `${name}.${index.name}`),
    );
    const unused = declared.filter((index) => !used.has(index));
    expect(unused.sort()).toEqual(Object.keys(UNASKED_INDEXES).sort());
  });

  describe('would be found out if they', () => {
    async function faultsOfCommand(name: string, command: Command): Promise<string[]> {
      const database = [...captured.values()].find(
        ({ query }) => query.collection === command[name],
      )?.database;
      const faults = queriesOf(name, command).map(async (query) =>
        faultsOf(query, await planOf(query, database ?? 'test'), RULES),
      );
      return (await Promise.all(faults)).flat();
    }

    it.each<[string, string, Command, string]>([
      [
        'scanned for a page',
        'find',
        { find: 'stock', filter: { onHand: { $gt: 3 } } },
        'scans the collection',
      ],
      [
        'counted all of a collection',
        'aggregate',
        {
          aggregate: 'orders',
          pipeline: [{ $match: { status: 'PLACED' } }, { $group: { _id: 1, n: { $sum: 1 } } }],
        },
        'scans the collection',
      ],
      [
        'looked up a product by its id alone',
        'find',
        { find: 'products', filter: { _id: 'books-0001' } },
        'lacks the shard key',
      ],
      [
        'gave a range of the shard key',
        'find',
        { find: 'orders', filter: { customerBucket: { $gte: '000' } } },
        'lacks the shard key',
      ],
      [
        'gave the shard key in one branch only',
        'find',
        { find: 'products', filter: { $or: [{ category: 'books' }, { version: 1 }] } },
        'lacks the shard key',
      ],
      [
        'wrote with half of the shard key',
        'findAndModify',
        {
          findAndModify: 'products',
          query: { category: 'books', nameSort: 'x' },
          update: { $set: { version: 2 } },
        },
        'lacks the shard key',
      ],
      [
        'deleted in a way that may scatter for reads only',
        'delete',
        { delete: 'products', deletes: [{ q: { tokens: 'atlas' }, limit: 1 }] },
        'lacks the shard key',
      ],
      [
        'went to a collection that nobody has defined',
        'update',
        { update: 'carts', updates: [{ q: { _id: 'x' }, u: { $set: { a: 1 } } }] },
        'is on a collection that is not defined',
      ],
    ])('%s', async (_what, name, command, fault) => {
      expect(await faultsOfCommand(name, command)).toContainEqual(expect.stringContaining(fault));
    });

    it('were sent by a command that this test does not know', () => {
      expect(() => queriesOf('mapReduce', { mapReduce: 'products' })).toThrow(
        'no rule for the command mapReduce',
      );
    });
  });
});
