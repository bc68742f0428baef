import { availableParallelism } from 'node:os';
import path from 'node:path';
import { type RunningGateway, startGateway } from '../../gateway/startGateway.js';
import { createPollingSource } from '../../gateway/supergraph/pollingSource.js';
import { startGatewayWorkers } from '../../gateway/workers/startGatewayWorkers.js';
import { ConfigError } from '../../platform/config/configError.js';
import { createLogger, type Logger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';
import type { Config } from '../config.js';
import { logOptions } from '../logOptions.js';

/** Runs the gateway alone, in front of any supergraph; in several processes when so configured. */
export async function runGateway(config: Config): Promise<void> {
  const { supergraph } = config.gateway;
  if (supergraph === undefined) {
    throw new ConfigError([
      'gateway.supergraph: expected a file or URL; give --supergraph, or set it in headgate.yaml',
    ]);
  }
  const logger = createLogger(logOptions('gateway', config));
  const size = config.gateway.workers === 'auto' ? availableParallelism() : config.gateway.workers;
  const gateway =
    size === 1
      ? await startAlone(config, supergraph, logger)
      : await startMany(config, supergraph, size, logger);
  const many = size > 1 && { workers: size };
  logger.info(
    { url: `${gateway.url}/graphql`, adminUrl: gateway.adminUrl, supergraph, ...many },
    'the gateway answers',
  );
  await runUntilSignal(() => gateway.stop(), logger);
}

function startAlone({ gateway }: Config, supergraph: string, logger: Logger): Promise<RunningGateway> {
  const source = createPollingSource(supergraph, gateway.supergraphPollMs);
  return startGateway({ config: gateway, source, logger });
}

async function startMany(
  config: Config,
  supergraph: string,
  size: number,
  logger: Logger,
): Promise<RunningGateway> {
  const gateway = await startGatewayWorkers({
    config: config.gateway,
    supergraph,
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
