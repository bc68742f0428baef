// Without suffixes: jest loads its global setup by Node's own resolution, which knows the source files only.
import { findMongod, type ReplicaSet, startReplicaSet } from './mongod';

declare global {
  var headgateTestReplicaSet: ReplicaSet | undefined;
}

/** One replica set for the whole run; each suite uses a database of its own in it. */
async function globalSetup(): Promise<void> {
  if (process.env['HEADGATE_TEST_MONGODB_URI']) return;
  const binary = findMongod() ?? (await downloadMongod());
  if (binary === undefined) return;
  process.env['MONGOD_BINARY'] = binary;
  globalThis.headgateTestReplicaSet = await startReplicaSet({ binary });
  process.env['HEADGATE_TEST_MONGODB_URI'] = globalThis.headgateTestReplicaSet.uri;
}

async function downloadMongod(): Promise<string | undefined> {
  if (process.env['HEADGATE_DOWNLOAD_MONGOD'] !== '1') return undefined;
  const { MongoBinary } = await import('mongodb-memory-server-core');
  return MongoBinary.getPath();
}

module.exports = globalSetup;
