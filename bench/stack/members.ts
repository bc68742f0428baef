import type { Document } from 'mongodb';
import { driverServers } from '../../platform/database/mongodb/cluster/server.js';
import type { Stack } from './startStack.js';

/** By the names of docker-compose.yml. */
export type ReplicaSetName = 'shard-a' | 'inventory';

/** Asks one member of a replica set itself. */
export async function runOnMember(stack: Stack, name: string, command: Document): Promise<Document> {
  const server = driverServers({ timeoutMs: 5_000 }).member(addressOf(stack, name));
  try {
    return await server.run('admin', command);
  } finally {
    await server.close();
  }
}

/** As others see it. */
export function addressOf({ addresses }: Stack, name: string): string {
  return `127.0.0.1:${addresses.port(`${name}:27017`)}`;
}

export function membersOf(set: ReplicaSetName): readonly string[] {
  return [1, 2, 3].map((number) => `${set}-${number}`);
}

/** Among the members that run. */
export async function findPrimary(stack: Stack, set: ReplicaSetName): Promise<string | undefined> {
  for (const name of membersOf(set)) {
    if (!stack.process(name).isRunning) continue;
    if ((await runOnMember(stack, name, { hello: 1 }))['isWritablePrimary'] === true) return name;
  }
  return undefined;
}

export async function primaryOf(stack: Stack, set: ReplicaSetName): Promise<string> {
  const primary = await findPrimary(stack, set);
  if (primary === undefined) throw new Error(`the replica set ${set} has no primary`);
  return primary;
}
