import {
  createClient,
  createCluster,
  type RedisClientOptions,
  type RedisClientType,
  type RedisClusterType,
} from '@keyv/redis';

/** A client of one server, or of a cluster. */
export type RedisClient =
  | { readonly kind: 'single'; readonly client: RedisClientType }
  | { readonly kind: 'cluster'; readonly client: RedisClusterType };

export interface RedisClientPlace {
  /** `redis[s]://[[user][:password]@]host[:port][/database]`; for a cluster, some of its nodes. */
  readonly urls: readonly [string, ...string[]];
  readonly cluster: boolean;
  readonly connectTimeoutMs: number;
}

/**
 * A new client, not connected, that never connects again by itself, and refuses commands while it is not connected:
 * whoever opened it decides when it is given up.
 */
export function createRedisClient({ urls, cluster, connectTimeoutMs }: RedisClientPlace): RedisClient {
  const options = {
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // A connection on which nothing comes, not even the answer to a ping, is dead, whatever TCP says.
    pingInterval: connectTimeoutMs,
    socket: {
      reconnectStrategy: false,
      connectTimeout: connectTimeoutMs,
      socketTimeout: 3 * connectTimeoutMs,
    },
  } as const satisfies RedisClientOptions;
  if (!cluster) {
    return { kind: 'single', client: createClient({ ...options, url: urls[0] }) as RedisClientType };
  }
  // Nodes that the cluster names are addresses only: what else they need is as in the first URL.
  const { username, password, protocol } = new URL(urls[0]);
  const defaults: RedisClientOptions = {
    ...options,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    socket: protocol === 'rediss:' ? { ...options.socket, tls: true } : options.socket,
  };
  const client = createCluster({ rootNodes: urls.map((url) => ({ url })), defaults });
  return { kind: 'cluster', client: client as RedisClusterType };
}
