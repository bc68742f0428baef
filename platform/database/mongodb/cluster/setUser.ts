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
  await server.run('admin', { [exists ? 'updateUser' : 'createUser']: name, pwd: password, roles });
  return exists ? 'updated' : 'created';
}
