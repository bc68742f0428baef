import { createClient } from '@keyv/redis';
import { startRedis } from './redis.js';

export interface RedisCluster extends AsyncDisposable {
  readonly urls: readonly [string, ...string[]];
  [Symbol.asyncDispose](): Promise<void>;
}

const NODES = 3;
const SLOTS = 16_384;
const JOIN_TIMEOUT_MS = 60_000;

/** A Redis Cluster of three masters, each with a third of the slots, that keeps nothing on disk. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const servers = await Promise.all(
    Array.from({ length: NODES }, () => {
      return startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'] });
    }),
  );
  const clients = servers.map(({ url }) => createClient({ url, maintNotifications: 'disabled' }));
  const stop = async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    await Promise.all(clients.map((client) => client.connect()));
    for (const [index, client] of clients.entries()) {
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / NODES)) as [
        number,
        number,
      ];
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to - 1)]);
      // Nodes that believe in the same epoch would settle it between them first, which takes a while.
      await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
    }
    for (const { port } of servers.slice(1)) {
      await clients[0]?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(port)]);
    }
    await untilAllAgree(clients);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    for (const client of clients) client.destroy();
  }
  const [first, ...others] = servers.map(({ url }) => url);
  return { urls: [first as string, ...others], [Symbol.asyncDispose]: stop };
}

async function untilAllAgree(
  clients: readonly { sendCommand(args: string[]): Promise<unknown> }[],
): Promise<void> {
  const deadline = Date.now() + JOIN_TIMEOUT_MS;
  const isDone = async () => {
    const infos = await Promise.all(clients.map((client) => client.sendCommand(['CLUSTER', 'INFO'])));
    return infos.every((info) => {
      const text = String(info);
      return text.includes('cluster_state:ok') && text.includes(`cluster_known_nodes:${NODES}`);
    });
  };
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error('the nodes of the Redis cluster did not agree in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
