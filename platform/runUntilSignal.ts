import type { Logger } from './logger.js';

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
    process.on('SIGINT', onSignal);
  });
}
