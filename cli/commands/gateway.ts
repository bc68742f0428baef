import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type RunningGateway, startGateway } from '../../gateway/startGateway.js';
import { createConfiguredSource } from '../../gateway/supergraph/configuredSource.js';
import { startGatewayWorkers } from '../../gateway/workers/startGatewayWorkers.js';
import { createLogger, type Logger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { logOptions } from '../logOptions.js';

/** Runs the gateway alone, in front of any supergraph; in several processes when so configured. */
export async function runGateway(config: Config): Promise<void> {
  const logger = createLogger(logOptions('gateway', config));
  const source = createConfiguredSource(config.gateway, logger);
  const size = config.gateway.workers === 'auto' ? availableParallelism() : config.gateway.workers;
  const gateway =
    size === 1
      ? await startGateway({ config: config.gateway, source, logger })
      : await startMany(config, size, logger);
  const many = size > 1 && { workers: size };
  logger.info(
    { url: `${gateway.url}/graphql`, adminUrl: gateway.adminUrl, supergraph: source.description, ...many },
    'the gateway answers',
  );
  await runUntilSignal(() => gateway.stop(), logger);
}

async function startMany(config: Config, size: number, logger: Logger): Promise<RunningGateway> {
  const gateway = await startGatewayWorkers({
    config: config.gateway,
    size,
    log: logOptions('gateway', config),
    program: path.join(__dirname, '../gatewayWorker.js'),
    logger,
  });
  process.on('SIGHUP', () => {
    logger.info('replacing the workers, one by one');
    gateway.restart().then(
      () => logger.info('the workers were replaced'),
      (err: unknown) => logger.error({ err }, 'a new worker does not start; those that are left stay'),
    );
  });
  return gateway;
}

/** What a person names on the command line goes before whatever is configured, a registry too. */
export function serveInstead(config: Config['gateway'], supergraph: string): void {
  config.supergraph = supergraph;
  delete config.registry.url;
}
