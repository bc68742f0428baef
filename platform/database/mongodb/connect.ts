import os from 'node:os';
import { MongoClient } from 'mongodb';
import { DatabaseUnavailableError, InvalidDatabaseUriError } from '../errors.js';
import { MONGODB_DEFAULTS, type MongodbOptions } from './mongodbOptions.js';
import { monitorClient, traceCommands } from './monitorClient.js';
import { monitorCommands } from './monitorCommands.js';
import { translateError } from './translateError.js';

const STANDALONE = `this mongod is a standalone server, which has no change streams, so changes could not be followed.
Start it as a replica set of one member: mongod --replSet rs0 …, then once: mongosh --eval 'rs.initiate()'`;

/** The least wire version with pre-images in change streams: MongoDB 6.0. */
const LEAST_WIRE_VERSION = 17;

/**
 * A client that is connected to a replica set or to `mongos`.
 * Fails with `DatabaseUnavailableError` when no server answers in time, or when the server cannot do what is needed,
 * and with `InvalidDatabaseUriError`.
 */
export async function connect(options: MongodbOptions): Promise<MongoClient> {
  const client = createClient(options);
  if (options.onCommand) monitorCommands(client, options.onCommand);
  if (options.monitor) monitorClient(client, options.monitor);
  if (options.traced) traceCommands(client);
  try {
    await client.connect();
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid')
      throw new DatabaseUnavailableError(STANDALONE);
    if (hello['maxWireVersion'] < LEAST_WIRE_VERSION) {
      throw new DatabaseUnavailableError(
        'this server is older than MongoDB 6.0, which the change events need',
      );
    }
    return client;
  } catch (error) {
    await client.close();
    throw translateError(error);
  }
}

function createClient(options: MongodbOptions): MongoClient {
  const settings = { ...MONGODB_DEFAULTS, ...options };
  try {
    return new MongoClient(options.uri, {
      appName: `headgate-${options.name}`,
      maxPoolSize: settings.maxPoolSize,
      minPoolSize: settings.minPoolSize,
      waitQueueTimeoutMS: settings.waitQueueTimeoutMs,
      serverSelectionTimeoutMS: settings.serverSelectionTimeoutMs,
      heartbeatFrequencyMS: settings.heartbeatFrequencyMs,
      connectTimeoutMS: settings.connectTimeoutMs,
      socketTimeoutMS: settings.socketTimeoutMs,
      retryWrites: true,
      retryReads: true,
      writeConcern: { w: 'majority', journal: true },
      ignoreUndefined: true,
      // The driver would load it by a dynamic import, which jest's module loader does not have.
      runtimeAdapters: { os },
      monitorCommands:
        options.onCommand !== undefined || options.monitor !== undefined || options.traced === true,
    });
  } catch (error) {
    // The driver quotes the whole connection string, and with it the password.
    const message = String((error as Error).message).replaceAll(/\/\/[^@\s]*@/g, '//');
    throw new InvalidDatabaseUriError(
      `the MongoDB URI is not valid: ${message.replaceAll(options.uri, '…')}`,
    );
  }
}
