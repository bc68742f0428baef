import type { Logger } from '../../platform/logger.js';
import { createWorkerSiblings, type WorkerChannel } from '../cache/invalidate/workerSiblings.js';
import { createGateway, type Gateway } from '../createGateway.js';
import { listenForClients } from '../http/listenForClients.js';
import { createConfiguredSource } from '../supergraph/configuredSource.js';
import type { DrainReason, WorkerSettings } from './supervisionMessages.js';

/** The gateway of one worker. */
export interface WorkerGateway {
  readonly url: string;
  readonly gateway: Gateway;
  /** Finishes what is under way, and closes. Further calls join the first. */
  stop(reason: DrainReason): Promise<void>;
}

/** How long idle connections to a worker that is replaced may bring one more request; those under traffic do at once. */
const IDLE_GRACE_MS = 6_000;

/**
 * Listens on the address that all workers share, after it has joined their purges: what it then holds, a purge reaches.
 * The listener for operators is the primary's.
 */
export async function startWorkerGateway(
  { config, origin }: WorkerSettings,
  channel: WorkerChannel,
  logger: Logger,
): Promise<WorkerGateway> {
  const siblings = createWorkerSiblings(channel);
  const source = createConfiguredSource(config, logger);
  const gateway = await createGateway({ config, source, logger, peers: { origin, siblings } });
  try {
    await siblings.join((notice) => gateway.caching.invalidator.receive(notice));
    const server = await listenForClients(gateway, config, logger);
    let stopped: Promise<void> | undefined;
    // The channel stays open to the end: until then, others wait for this worker to purge.
    const stop = async (reason: DrainReason): Promise<void> => {
      if (reason === 'shutdown') gateway.startDraining();
      gateway.endStreams();
      await server.close({ idleGraceMs: reason === 'replaced' ? IDLE_GRACE_MS : config.idleGraceMs });
      await gateway.close();
    };
    return {
      url: server.url,
      gateway,
      stop(reason) {
        stopped ??= stop(reason);
        return stopped;
      },
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
