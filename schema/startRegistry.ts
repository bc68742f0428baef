import { openDatabase } from '../platform/database/openDatabase.js';
import { listen } from '../platform/http/httpServer.js';
import type { Logger } from '../platform/logger.js';
import { createRegistry, type Registry } from './createRegistry.js';
import type { Signer } from './graph/signing.js';
import type { RegistryConfig } from './registryConfig.js';
import { REGISTRY_COLLECTIONS } from './store/collections.js';
import { createSchemaWorker } from './work/schemaWorker.js';

export interface StartRegistryOptions {
  readonly config: RegistryConfig;
  readonly signer: Signer;
  /** The program of the thread that composes, which calls `serveJobs`. */
  readonly workerProgram: string;
  readonly workerExecArgv?: readonly string[];
  readonly drainTimeoutMs?: number;
  readonly logger: Logger;
}

export interface RunningRegistry extends Pick<Registry, 'publisher' | 'distribution'> {
  /** `http://host:port` */
  readonly url: string;
  /** Whether it forgets everything at its end. */
  readonly inMemory: boolean;
  close(): Promise<void>;
}

/** Opens the database and listens. Rejects when the database cannot be reached or the port is taken. */
export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
  const { config, signer, logger } = options;
  const database = await openDatabase({ uri: config.mongodbUri, name: 'headgate_registry' });
  const worker = createSchemaWorker({
    program: options.workerProgram,
    execArgv: options.workerExecArgv,
    timeoutMs: config.workTimeoutMs,
    logger,
  });
  const registry = createRegistry({ config, database, worker, signer, logger });
  try {
    await database.ensure(REGISTRY_COLLECTIONS);
    const server = await listen({
      host: config.host,
      port: config.port,
      handler: registry.handler,
      ...(options.drainTimeoutMs !== undefined && { drainTimeoutMs: options.drainTimeoutMs }),
      logger,
    });
    return {
      url: server.url,
      inMemory: database.kind === 'embedded',
      publisher: registry.publisher,
      distribution: registry.distribution,
      async close() {
        const closed = server.close();
        // Gateways that wait for something new would hold the server.
        registry.distribution.close();
        await closed;
        await registry.close();
        await database.close();
      },
    };
  } catch (error) {
    await registry.close();
    await database.close();
    throw error;
  }
}
