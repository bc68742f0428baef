import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError } from 'mongodb';
import type { Server } from './server.js';

export interface UserOptions {
  readonly name: string;
  readonly password: string;
  readonly databases: readonly string[];
}

/**
 * Makes the user, or gives it this password and these roles: what it reads, writes, and prepares at its start
 * (collections, indexes, images of changes), and the id of the cluster.
 */
export async function setUser(
  server: Server,
  { name, password, databases }: UserOptions,
): Promise<'created' | 'updated'> {
  const roles = [
    ...databases.flatMap((db) => [
      { role: 'readWrite', db },
      { role: 'dbAdmin', db },
    ]),
    { role: 'clusterMonitor', db: 'admin' },
  ];
  const { users } = await server.run('admin', { usersInfo: { user: name, db: 'admin' } });
  const exists = users.length > 0;
  const command = { [exists ? 'updateUser' : 'createUser']: name, pwd: password, roles };
  await untilWritable(() => server.run('admin', command));
  return exists ? 'updated' : 'created';
}

const NOT_WRITABLE_PRIMARY = 10107;
const ATTEMPTS = 60;

/** A primary that was just elected, or that was just given a member, takes no writes for a moment. */
async function untilWritable(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      return;
    } catch (error) {
      const mayPass = error instanceof MongoServerError && error.code === NOT_WRITABLE_PRIMARY;
      if (!mayPass || attempt === ATTEMPTS) throw error;
      await sleep(500);
    }
  }
}
