import { readFileSync } from 'node:fs';
import type { CollectionDefinition, IndexDefinition } from '../../platform/database/database.js';
import { MONGODB_DEFAULTS } from '../../platform/database/mongodb/mongodbOptions.js';
import { assetPath } from '../../platform/readAsset.js';
import { INVENTORY_COLLECTIONS } from '../../subgraphs/inventory/collections.js';
import { ORDERS_COLLECTIONS } from '../../subgraphs/orders/collections.js';
import { ORDERS_SCATTER_QUERIES } from '../../subgraphs/orders/scatterQueries.js';
import { PRODUCTS_COLLECTIONS } from '../../subgraphs/products/collections.js';
import { SCATTER_QUERIES as PRODUCTS_SCATTER_QUERIES } from '../../subgraphs/products/scatterQueries.js';
import { META_COLLECTION } from '../../subgraphs/shared/loadSampleOnce.js';
import { tableUnder } from '../support/markdownTable.js';

const page = readFileSync(assetPath('docs/operations.md'), 'utf8');

/** `meta` is in every database, and told once. */
const OWN: readonly (readonly [string, CollectionDefinition])[] = [
  ...PRODUCTS_COLLECTIONS.map((definition) => ['products', definition] as const),
  ...INVENTORY_COLLECTIONS.map((definition) => ['inventory', definition] as const),
  ...ORDERS_COLLECTIONS.map((definition) => ['orders', definition] as const),
].filter(([, { name }]) => name !== META_COLLECTION.name);
const ALL = [...OWN, ['each', META_COLLECTION] as const];

const code = (text: string | number) => `\`${text}\``;

function keyText(key: IndexDefinition['key'] | CollectionDefinition['shardKey']): string {
  if (key === null) return 'one shard';
  return code(
    Object.entries(key)
      .map(([field, order]) => `${field}: ${order}`)
      .join(', '),
  );
}

function readText({ read }: CollectionDefinition): string {
  const staleness =
    read.maxStalenessSeconds === undefined ? '' : `, at most ${read.maxStalenessSeconds} s behind`;
  return `${code(read.preference)}, ${code(read.concern)}${staleness}`;
}

function indexNotes({ unique, partialFilter, expireAfterSeconds }: IndexDefinition): string {
  const days = expireAfterSeconds === undefined ? [] : [`expires after ${expireAfterSeconds / 86_400} days`];
  return [...(unique ? ['unique'] : []), ...(partialFilter ? ['partial'] : []), ...days].join(', ');
}

describe('docs/operations.md', () => {
  it('shows every collection as it is defined, with a reason', () => {
    const rows = tableUnder(page, 'Collections');
    expect(rows.map(({ Why: _, ...facts }) => facts)).toEqual(
      ALL.map(([database, definition]) => ({
        Database: database,
        Collection: code(definition.name),
        'Shard key': keyText(definition.shardKey),
        Reads: readText(definition),
        'Limit per operation': `${definition.maxTimeMs} ms`,
        'Limit per write': `${definition.write.timeoutMs} ms`,
        'Change events': definition.watched ? 'yes' : 'no',
      })),
    );
    for (const { Why } of rows) expect(Why).toMatch(/\w{3}/);
  });

  it('shows every index as it is defined, with its reason', () => {
    expect(tableUnder(page, 'Indexes')).toEqual(
      ALL.flatMap(([, { name, indexes }]) =>
        indexes.map((index) => ({
          Collection: code(name),
          Index: code(index.name),
          Key: keyText(index.key),
          Notes: indexNotes(index),
          Why: index.reason,
        })),
      ),
    );
  });

  it('shows every query that reaches all shards', () => {
    expect(tableUnder(page, 'Queries that reach every shard')).toEqual(
      [...ORDERS_SCATTER_QUERIES, ...PRODUCTS_SCATTER_QUERIES].map(({ collection, by, reason }) => ({
        Collection: code(collection),
        By: by.map(code).join(', '),
        Why: reason,
      })),
    );
  });

  it('shows how each process connects, with a reason', () => {
    const rows = tableUnder(page, 'Connections');
    expect(rows.map(({ Setting, Value }) => [Setting, Value])).toEqual(
      Object.entries(MONGODB_DEFAULTS).map(([name, value]) => [code(name), String(value)]),
    );
    for (const { Why } of rows) expect(Why).toMatch(/\w{3}/);
  });
});
