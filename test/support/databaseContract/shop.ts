import type { Collection, CollectionDefinition, Database } from '../../../platform/database/database.js';
import type { DatabaseUnderTest } from '../databaseContract.js';

export interface Item {
  readonly _id: string;
  readonly category: string;
  readonly sku?: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly units: number;
  readonly tokens: readonly string[];
  readonly state?: 'open' | 'done';
  readonly dueAt?: Date;
  readonly lines?: readonly { readonly product: string; readonly quantity: number }[];
}

export const itemsDefinition: CollectionDefinition = {
  name: 'items',
  shardKey: { category: 1, _id: 1 } as never,
  indexes: [
    { name: 'category_id', key: { category: 1, _id: 1 }, reason: 'pages of a category' },
    { name: 'category_price', key: { category: 1, 'price.amount': 1, _id: 1 }, reason: 'pages by price' },
    { name: 'tokens', key: { tokens: 1 }, reason: 'search' },
    {
      name: 'sku',
      key: { sku: 1 },
      unique: true,
      partialFilter: { sku: { $exists: true } },
      reason: 'one per sku',
    },
    {
      name: 'one_open_per_category',
      key: { category: 1 },
      unique: true,
      partialFilter: { state: 'open' },
      reason: 'only one may be open',
    },
  ],
  watched: true,
  read: { preference: 'primary', concern: 'majority' },
  write: { timeoutMs: 5_000 },
  maxTimeMs: 5_000,
};

export function item(id: string, fields: Partial<Item> = {}): Item {
  return {
    _id: id,
    category: 'books',
    price: { amount: 100, currency: 'EUR' },
    units: 1,
    tokens: [],
    ...fields,
  };
}

/** A database with the collection above, new for each test and closed after it. */
export function shopForEachTest(underTest: DatabaseUnderTest): {
  readonly database: Database;
  readonly items: Collection<Item>;
} {
  let database: Database;
  let items: Collection<Item>;
  beforeEach(async () => {
    database = await underTest.open();
    await database.ensure([itemsDefinition]);
    items = database.collection<Item>(itemsDefinition);
  });
  afterEach(async () => {
    await database.close();
  });
  return {
    get database() {
      return database;
    },
    get items() {
      return items;
    },
  };
}
