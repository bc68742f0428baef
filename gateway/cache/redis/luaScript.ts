import { createHash } from 'node:crypto';

/** Sends commands to the node that a key is on. */
export interface CommandSender {
  /** @throws when it could not be sent, or the server refused it; may never settle */
  send(routingKey: string, args: readonly string[]): Promise<unknown>;
}

export interface LuaScript {
  readonly source: string;
  readonly sha1: string;
}

export function luaScript(source: string): LuaScript {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

/** By its hash; a server that does not know it (new, restarted, flushed) is sent the source once. */
export async function runScript(
  redis: CommandSender,
  { sha1, source }: LuaScript,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await redis.send(keys[0], ['EVALSHA', sha1, ...rest]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.send(keys[0], ['EVAL', source, ...rest]);
  }
}
