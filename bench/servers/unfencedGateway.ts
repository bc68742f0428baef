import '../../cli/telemetryOff.js';
import { readConfig } from '../../cli/config.js';
import { logOptions } from '../../cli/logOptions.js';
import { Fence } from '../../gateway/cache/fence.js';
import { startGateway } from '../../gateway/startGateway.js';
import { createPollingSource } from '../../gateway/supergraph/pollingSource.js';
import { createLogger } from '../../platform/logger.js';
import { runUntilSignal } from '../../platform/runUntilSignal.js';

/** Lets every fill pass, however old. */
class OpenFence extends Fence {
  override admits(): boolean {
    return true;
  }
}

/** `headgate gateway` without its fence: the coherence benchmark must find what it then serves. */
async function main(file: string): Promise<void> {
  const config = readConfig(file, process.env);
  const { supergraph = '', supergraphPollMs } = config.gateway;
  const logger = createLogger(logOptions('unfenced', config));
  const gateway = await startGateway({
    config: config.gateway,
    source: createPollingSource(supergraph, supergraphPollMs),
    logger,
    fence: new OpenFence(),
  });
  logger.info({ url: `${gateway.url}/graphql` }, 'the gateway answers');
  await runUntilSignal(() => gateway.stop(), logger);
}

// As the command line is called: `gateway --config FILE`.
void main(process.argv[4] as string);
