import { isDeepStrictEqual } from 'node:util';
import { type Document, MaxKey, MinKey } from 'mongodb';
import type { CollectionDefinition } from '../../database.js';
import { ClusterError } from './clusterError.js';
import type { Server } from './server.js';
import type { Topology } from './topology.js';

/** Adds the shards that are missing. @returns their names */
export async function addShards(mongos: Server, { shards }: Topology): Promise<string[]> {
  const { shards: known } = await mongos.run('admin', { listShards: 1 });
  const names = new Set((known as { _id: string }[]).map(({ _id }) => _id));
  const missing = shards.filter(({ name }) => !names.has(name));
  for (const { name, members } of missing) {
    await mongos.run('admin', { addShard: `${name}/${members.join(',')}`, name });
  }
  return missing.map(({ name }) => name);
}

/**
 * Zones come before sharding: an empty collection is then split and placed by them at once, and nothing moves. Both
 * commands may be repeated.
 */
export async function setZones(
  mongos: Server,
  { zones, database }: Topology,
  collection: string,
): Promise<void> {
  for (const zone of zones) {
    for (const shard of zone.shards) await mongos.run('admin', { addShardToZone: shard, zone: zone.name });
    for (const category of zone.categories) {
      await mongos.run('admin', {
        updateZoneKeyRange: `${database}.${collection}`,
        min: { category, _id: new MinKey() },
        max: { category, _id: new MaxKey() },
        zone: zone.name,
      });
    }
  }
}

/**
 * Shards each collection by the key of its store. @returns those that were not sharded before
 * @throws ClusterError when one is sharded by another key: changing it moves all its data (`reshardCollection`), which
 *   is for people to decide
 */
export async function shardCollections(
  mongos: Server,
  database: string,
  definitions: readonly CollectionDefinition[],
): Promise<string[]> {
  const sharded: string[] = [];
  for (const { name, shardKey } of definitions) {
    if (shardKey === null) continue;
    const namespace = `${database}.${name}`;
    const [existing] = await find(mongos, 'collections', { _id: namespace });
    if (existing === undefined) {
      await mongos.run('admin', { shardCollection: namespace, key: { ...shardKey } });
      sharded.push(name);
    } else if (!isDeepStrictEqual(Object.entries(existing['key']), Object.entries(shardKey))) {
      throw new ClusterError(
        `${namespace} is sharded by ${JSON.stringify(existing['key'])}, and its store wants ` +
          `${JSON.stringify(shardKey)}: change it with reshardCollection, see docs/operations.md`,
      );
    }
  }
  return sharded;
}

/** @returns whether it was another one before */
export async function setBalancerWindow(mongos: Server, { balancerWindow }: Topology): Promise<boolean> {
  if (balancerWindow === undefined) return false;
  const activeWindow = { ...balancerWindow };
  const [settings] = await find(mongos, 'settings', { _id: 'balancer' });
  if (isDeepStrictEqual(settings?.['activeWindow'], activeWindow)) return false;
  await mongos.run('config', {
    update: 'settings',
    updates: [{ q: { _id: 'balancer' }, u: { $set: { activeWindow } }, upsert: true }],
    writeConcern: { w: 'majority' },
  });
  return true;
}

async function find(mongos: Server, collection: string, filter: Document): Promise<Document[]> {
  const { cursor } = await mongos.run('config', { find: collection, filter, limit: 1, singleBatch: true });
  return cursor.firstBatch;
}
