import { driverServers, type Server } from '../../platform/database/mongodb/cluster/server.js';
import type { Stack } from './startStack.js';

type Document = Awaited<ReturnType<Server['run']>>;

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

/** Makes each `find` of one program take longer. They have to run with fail points. @param ms 0 ends it */
export async function slowFinds(
  stack: Stack,
  members: readonly string[],
  appName: string,
  ms: number,
): Promise<void> {
  const data = { failCommands: ['find'], blockConnection: true, blockTimeMS: ms, appName };
  for (const member of members) {
    await runOnMember(stack, member, {
      configureFailPoint: 'failCommand',
      ...(ms > 0 ? { mode: 'alwaysOn', data } : { mode: 'off' }),
    });
  }
}

/** As others see it. */
function addressOf({ addresses }: Stack, name: string): string {
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
