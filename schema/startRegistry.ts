import { openDatabase } from '../platform/database/openDatabase.js';
import { listen } from '../platform/http/httpServer.js';
import type { Logger } from '../platform/logger.js';
import type { ServiceMetrics } from '../platform/metrics/serviceMetrics.js';
import { createRegistry, type Registry } from './createRegistry.js';
import type { Signer } from './graph/signing.js';
import type { RegistryConfig } from './registryConfig.js';
import { createRegistryMetrics } from './registryMetrics.js';
import { TOO_LARGE_REST } from './server/tooLargeRest.js';
import { REGISTRY_COLLECTIONS } from './store/collections.js';
import { createSchemaWorker } from './work/schemaWorker.js';

export interface StartRegistryOptions {
  readonly config: RegistryConfig;
  readonly signer: Signer;
  /** The program of the thread that composes, which calls `serveJobs`. */
  readonly workerProgram: string;
  readonly workerExecArgv?: readonly string[];
  readonly drainTimeoutMs?: number;
  /** Without them nothing is measured. */
  readonly metrics?: ServiceMetrics | undefined;
  readonly logger: Logger;
}

export interface RunningRegistry extends Pick<Registry, 'publisher' | 'distribution'> {
  /** `http://host:port` */
  readonly url: string;
  /** Whether it forgets everything at its end. */
  readonly inMemory: boolean;
  /** Rejects while its database does not answer. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const PING_TIMEOUT_MS = 2_000;

/** Opens the database and listens. Rejects when the database cannot be reached or the port is taken. */
export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
  const { config, signer, metrics, logger } = options;
  const database = await openDatabase({
    ...{ uri: config.mongodbUri, name: 'headgate_registry' },
    monitor: metrics?.database,
  });
  const worker = createSchemaWorker({
    program: options.workerProgram,
    execArgv: options.workerExecArgv,
    timeoutMs: config.workTimeoutMs,
    logger,
  });
  const registry = createRegistry({
    ...{ config, database, worker, signer, logger },
    metrics: metrics && createRegistryMetrics(metrics.registry),
  });
  try {
    await database.ensure(REGISTRY_COLLECTIONS);
    const server = await listen({
      host: config.host,
      port: config.port,
      handler: metrics?.http.measure(registry.handler) ?? registry.handler,
      ...(options.drainTimeoutMs !== undefined && { drainTimeoutMs: options.drainTimeoutMs }),
      tooLargeRest: TOO_LARGE_REST,
      logger,
    });
    return {
      url: server.url,
      inMemory: database.kind === 'embedded',
      ready: () => database.ping(PING_TIMEOUT_MS),
      publisher: registry.publisher,
      distribution: registry.distribution,
      async close() {
        const closed = server.close();
        // Gateways that wait for something new would hold the server.
        registry.letGo();
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
