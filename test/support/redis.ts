import { findBinary } from './findBinary.js';
import { type ServerProcess, startServerProcess } from './serverProcess.js';

export interface RedisOptions {
  /** Further arguments, e.g. `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** A port of its own, to come back on the same one after a stop; a free one when absent. */
  readonly port?: number;
}

export interface RedisServer extends ServerProcess {
  readonly url: string;
}

export function findRedis(): string | undefined {
  return findBinary('REDIS_SERVER_BINARY', ['redis-server']);
}

/** A Redis that keeps nothing on disk unless `args` say so. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const binary = findRedis();
  if (binary === undefined)
    throw new Error('no redis-server: set REDIS_SERVER_BINARY, or put it on the PATH');
  const server = await startServerProcess({
    binary,
    readyWhen: /Ready to accept connections/,
    ...(options.port !== undefined && { port: options.port }),
    args: ({ port, folder }) => [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
      ...['--save', '', '--appendonly', 'no', ...(options.args ?? [])],
    ],
  });
  return { ...server, url: `redis://127.0.0.1:${server.port}` };
}
