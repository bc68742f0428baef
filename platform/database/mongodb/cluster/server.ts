import os from 'node:os';
import { type Document, MongoClient } from 'mongodb';

/** One server, spoken to in commands alone, so that what is sent can be recorded and asserted whole. */
export interface Server {
  run(database: string, command: Document): Promise<Document>;
  close(): Promise<void>;
}

export interface Servers {
  /** One member of a replica set, whether it is initiated or not. */
  member(address: string): Server;
  mongos(uri: string): Server;
}

export interface ServerOptions {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: boolean | undefined;
  /** How long a server may take to be reached. @default 30000 */
  readonly timeoutMs?: number | undefined;
}

/** By MongoDB's driver. Connects with the first command. */
export function driverServers(options: ServerOptions = {}): Servers {
  const { username, password, tls = false, timeoutMs = 30_000 } = options;
  const connect = (uri: string, directConnection: boolean): Server => {
    const client = new MongoClient(uri, {
      appName: 'headgate-cluster-init',
      ...(directConnection && { directConnection }),
      ...(username !== undefined && { auth: { username, password: password ?? '' } }),
      ...(tls && { tls }),
      serverSelectionTimeoutMS: timeoutMs,
      runtimeAdapters: { os },
    });
    return {
      run: (database, command) => client.db(database).command(command),
      close: () => client.close(),
    };
  };
  return {
    member: (address) => connect(`mongodb://${address}/`, true),
    mongos: (uri) => connect(uri, false),
  };
}
