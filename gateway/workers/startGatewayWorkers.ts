import cluster, { type Worker } from 'node:cluster';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from '../../platform/logger.js';
import { superviseWorkerPurges } from '../cache/invalidate/workerPurge.js';
import type { RunningGateway } from '../startGateway.js';
import { poolWorkers } from './pooledWorkers.js';
import { returnConnections } from './returnConnections.js';
import { startPooledAdmin } from './startPooledAdmin.js';
import type { WorkerSettings } from './supervisionMessages.js';
import { createWorkerPool, type WorkerPool } from './workerPool.js';
import { superviseWorker, type WorkerProcess } from './workerProcess.js';

export interface GatewayWorkersOptions extends Omit<WorkerSettings, 'origin'> {
  /** How many. */
  readonly size: number;
  /** JavaScript file that calls `runWorker`. */
  readonly program: string;
  readonly logger: Logger;
}

export interface RunningGatewayWorkers extends RunningGateway {
  /** Replaces the workers one by one, each by one that is ready. Rejects when one does not start; the others stay. */
  restart(): Promise<void>;
}

/** What closing caches and connections to subgraphs may take, after the last request. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * One gateway as several processes on one address: to everybody else it is one, and what it promises holds for all of
 * them together. Rejects, with what the first worker said, when none of them can start. Once per process, since a
 * process is the primary of one cluster.
 */
export async function startGatewayWorkers(options: GatewayWorkersOptions): Promise<RunningGatewayWorkers> {
  const { config, log, size, program, logger } = options;
  const { tokenSecret = randomBytes(32).toString('hex') } = config.cache;
  const settings: WorkerSettings = {
    config: { ...config, cache: { ...config.cache, tokenSecret } },
    origin: randomUUID(),
    log,
  };
  cluster.setupPrimary({ exec: program, args: [] });
  const purges = superviseWorkerPurges({ cluster, ackDeadlineMs: config.workerAckDeadlineMs, logger });
  let draining = false;
  // Node gives workers that ask for "any port" the same one, until all of them are gone: then it would be another.
  let { port } = config;
  let givenPort: number | undefined;

  const othersListen = (worker: Worker): boolean =>
    [...pool.serving.values()].some(({ pid }) => pid !== worker.process.pid);

  function launch(slot: number): WorkerProcess {
    if (givenPort !== undefined && pool.serving.size === 0) port = givenPort;
    const worker = cluster.fork();
    returnConnections(worker, () => othersListen(worker));
    return superviseWorker(worker, slot, { ...settings, config: { ...settings.config, port } });
  }

  const pool: WorkerPool = createWorkerPool({
    size,
    launch,
    exitTimeoutMs: config.drainTimeoutMs + CLOSE_TIMEOUT_MS,
    logger,
  });
  const workers = poolWorkers({ pool });
  const admin = await startPooledAdmin({ config, workers, isDraining: () => draining, logger });

  async function stop(): Promise<void> {
    draining = true;
    const clean = await pool.stop();
    await admin.close();
    purges.close();
    if (!clean) throw new Error('a worker did not end by itself');
  }

  try {
    const url = await pool.start();
    givenPort = Number(new URL(url).port);
    return { url, adminUrl: admin.url, stop, restart: pool.restart };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
