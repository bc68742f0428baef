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

export interface UntilSignalOptions {
  /** `stop` taking longer ends the process with status 1. @default it is waited for */
  readonly stopWithinMs?: number;
}

/** For how long a process may outlive its `stop`. */
const LINGER_MS = 5_000;

/**
 * Resolves when the process was asked to end (SIGTERM, SIGINT) and `stop` has finished. A second signal, or `stop`
 * failing, ends the process at once with status 1. Whatever still holds on to the process after `stop` does so for 5 s.
 */
export function runUntilSignal(
  stop: () => Promise<void>,
  logger: Logger,
  { stopWithinMs }: UntilSignalOptions = {},
): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(1);
      stopping = true;
      logger.info({ signal }, 'stopping: finishing what is under way');
      const deadline =
        stopWithinMs !== undefined &&
        setTimeout(() => {
          logger.error({ stopWithinMs }, 'did not stop in time');
          process.exit(1);
        }, stopWithinMs);
      const stopped = () => {
        if (deadline) clearTimeout(deadline);
        setTimeout(() => {
          const resources = process.getActiveResourcesInfo();
          logger.warn(
            { resources },
            'it has stopped, and something still holds on to the process: it is ended',
          );
          process.exit();
        }, LINGER_MS).unref();
        resolve();
      };
      stop().then(stopped, (error: unknown) => {
        logger.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      });
    };
    process.on('SIGTERM', onSignal);
    process.off('SIGTERM', end);
    process.on('SIGINT', onSignal);
  });
}
