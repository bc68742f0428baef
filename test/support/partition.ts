import os from 'node:os';
import { type Document, MongoClient } from 'mongodb';
import type { ReplicaSet } from './mongod.js';
import type { ServerProcess } from './serverProcess.js';

export interface Partition {
  /** The one that was primary can be reached again. */
  heal(): void;
}

/** Longer than any story. */
const HELD_SECONDS = 600;
/** Where members stop to fetch from others what they have not got. */
const FETCH = 'stopReplProducer';
const FETCH_STOPS_MS = 30_000;

/** Cuts the primary off from everybody, clients and members alike: connections stay open, and nothing answers. */
export async function cutOffPrimary(replicaSet: ReplicaSet): Promise<Partition> {
  const primary = await primaryOf(replicaSet);
  primary.signal('SIGSTOP');
  return { heal: () => primary.signal('SIGCONT') };
}

/**
 * No secondary stands for election until the returned function is called: so what happens without a primary can be seen for
 * sure, however slow the machine is.
 */
export async function holdElections(replicaSet: ReplicaSet): Promise<() => Promise<void>> {
  const primary = await primaryOf(replicaSet);
  const secondaries = replicaSet.members.filter((member) => member !== primary);
  const freeze = (seconds: number) => tellAll(secondaries, { replSetFreeze: seconds });
  await freeze(HELD_SECONDS);
  return () => freeze(0);
}

/**
 * What the primary does reaches no other member until the returned function is called, while its clients still reach it: it
 * alone knows of what it does now. The set must have been started with `enableTestCommands`.
 */
export async function holdReplication(replicaSet: ReplicaSet): Promise<() => Promise<void>> {
  const primary = await primaryOf(replicaSet);
  const secondaries = replicaSet.members.filter((member) => member !== primary);
  await tellAll(secondaries, { configureFailPoint: FETCH, mode: 'alwaysOn' });
  await tellAll(secondaries, { waitForFailPoint: FETCH, timesEntered: 1, maxTimeMS: FETCH_STOPS_MS });
  return () => tellAll(secondaries, { configureFailPoint: FETCH, mode: 'off' });
}

async function primaryOf({ uri, members }: ReplicaSet): Promise<ServerProcess> {
  const { primary } = await command(uri, { hello: 1 });
  const found = members.find(({ port }) => primary === `127.0.0.1:${port}`);
  if (found === undefined) throw new Error(`${primary} is no member`);
  return found;
}

async function tellAll(members: readonly ServerProcess[], order: Document): Promise<void> {
  await Promise.all(
    members.map(({ port }) => command(`mongodb://127.0.0.1:${port}/?directConnection=true`, { ...order })),
  );
}

async function command(uri: string, order: Document): Promise<Document> {
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  try {
    return await client.db('admin').command(order);
  } finally {
    await client.close();
  }
}
