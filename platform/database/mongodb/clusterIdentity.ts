import { createHash } from 'node:crypto';
import { type MongoClient, MongoServerError, ReadPreference } from 'mongodb';

const UNAUTHORIZED = 13;

/**
 * A short text that is the same for every client of one cluster and differs between clusters, since times of
 * two clusters must never be compared. The replica set's own id is used where the user may read it
 * (role `clusterMonitor`): names like `rs0` are given to many clusters. Otherwise the name alone has to do.
 */
export async function clusterIdentity(client: MongoClient): Promise<string> {
  const admin = client.db('admin');
  const hello = await admin.command({ hello: 1 }, { readPreference: ReadPreference.primaryPreferred });
  const name = String(hello['setName'] ?? 'sharded');
  const id = await (hello['setName'] === undefined ? shardedClusterId(client) : replicaSetId(client));
  const digest = createHash('sha256').update(`${name}/${id}`).digest('hex').slice(0, 12);
  return `${name.replaceAll(/[^\w-]/g, '_').slice(0, 40)}.${digest}`;
}

async function replicaSetId(client: MongoClient): Promise<string> {
  return readOrEmpty(async () => {
    const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
    return String(config.settings?.replicaSetId ?? '');
  });
}

async function shardedClusterId(client: MongoClient): Promise<string> {
  return readOrEmpty(async () => {
    const version = await client.db('config').collection('version').findOne({});
    return String(version?.['clusterId'] ?? '');
  });
}

/** Only a missing privilege is empty: it is the same for all processes, while a passing fault would not be. */
async function readOrEmpty(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === UNAUTHORIZED) return '';
    throw error;
  }
}
