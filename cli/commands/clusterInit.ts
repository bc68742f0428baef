import { ConfigError } from '../../platform/config/configError.js';
import { loadConfig } from '../../platform/config/loadConfig.js';
import { ClusterError } from '../../platform/database/mongodb/cluster/clusterError.js';
import { initCluster } from '../../platform/database/mongodb/cluster/initCluster.js';
import { driverServers } from '../../platform/database/mongodb/cluster/server.js';
import { topologySchema } from '../../platform/database/mongodb/cluster/topology.js';
import { ORDERS_COLLECTIONS } from '../../subgraphs/orders/collections.js';
import { PRODUCTS_COLLECTION, PRODUCTS_COLLECTIONS } from '../../subgraphs/products/collections.js';
import { CommandError, EXIT_CODES } from '../commandError.js';

export interface ClusterInitOptions {
  /** A YAML file; `deploy/mongo/cluster.yaml` is one. */
  readonly topology: string;
}

/** Replica sets, shards, zones, shard keys, balancer window and users, as the file says; again and again if wanted. */
export async function runClusterInit({ topology: file }: ClusterInitOptions): Promise<void> {
  const { env } = process;
  const topology = loadConfig({ schema: topologySchema, file, env, environmentKeys: {} });
  const passwordOf = (variable: string): string => {
    const password = env[variable];
    if (!password) throw new ConfigError([`${file}: the variable ${variable} holds no password`]);
    return password;
  };
  const { username, passwordVariable, tls } = topology.connection;
  // Before anything is done: half a cluster is more work than none.
  for (const user of topology.users) passwordOf(user.passwordVariable);
  await initCluster({
    topology,
    servers: driverServers({
      username,
      password: passwordVariable === undefined ? undefined : passwordOf(passwordVariable),
      tls,
    }),
    collections: [...PRODUCTS_COLLECTIONS, ...ORDERS_COLLECTIONS],
    zonedCollection: PRODUCTS_COLLECTION.name,
    passwordOf,
    report: (line) => process.stdout.write(`${line}\n`),
  }).catch((error: unknown) => {
    if (error instanceof Error && (error instanceof ClusterError || error.name.startsWith('Mongo'))) {
      throw new CommandError(error.message, EXIT_CODES.failed);
    }
    throw error;
  });
}
