import type { Logger } from './logger.js';

/** As a shell tells it: 128 and the signal's number. */
const ENDED_BY_SIGTERM = 128 + 15;

const end = (): void => process.exit(ENDED_BY_SIGTERM);

/**
 * Until `runUntilSignal` takes over, SIGTERM ends this process at once. The system does so too, but for the first process
 * of a container: one that waits for its database there would be deaf until it is killed.
 */
export function endAtSigterm(): void {
  process.on('SIGTERM', end);
}

/**
 * Resolves when the process was asked to end (SIGTERM, SIGINT) and `stop` has finished. A second signal, or `stop`
 * failing, ends the process at once with status 1.
 */
export function runUntilSignal(stop: () => Promise<void>, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      logger.info({ signal }, 'stopping: finishing what is under way');
      stop().then(resolve, (error: unknown) => {
        logger.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      });
    };
    process.on('SIGTERM', onSignal);
    process.off('SIGTERM', end);
    process.on('SIGINT', onSignal);
  });
}
