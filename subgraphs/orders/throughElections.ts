import { abortableDelay } from '../../platform/abortableDelay.js';
import { isOutage } from '../../platform/database/errors.js';
import { CodedError, type ErrorCodeName } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';

export interface ThroughElectionsOptions {
  /** How long the caller waits. @default 8000 */
  readonly timeoutMs: number | undefined;
  readonly logger: Logger;
}

/** A replica set elects within this, or its trouble is another one. */
const DEFAULT_TIMEOUT_MS = 8_000;
/** Of the caller's time, for the answer to arrive. */
const SPARED_PART = 0.1;
const RETRY_MS = 100;
/** Right also where an earlier try may have done it: they speak of an order that was read, or say that it is not known. */
const TRUE_ANYWAY: ReadonlySet<ErrorCodeName> = new Set([
  'IDEMPOTENCY_KEY_REUSED',
  'ILLEGAL_ORDER_STATE',
  'TEMPORARILY_UNAVAILABLE',
]);

/**
 * Does it again while the database has no primary: the driver itself tries twice, which an election outlasts. The work
 * must be safe to repeat, for it may have been done without an answer. An error of a later try does not prove that it was
 * not: what was done may not be readable yet.
 * Fails with `TEMPORARILY_UNAVAILABLE` before the caller's time is over, whatever is still under way then.
 */
export async function throughElections<T>(
  work: () => Promise<T>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, logger }: ThroughElectionsOptions,
): Promise<T> {
  let lastFault: unknown;
  const over = AbortSignal.timeout(Math.floor(timeoutMs * (1 - SPARED_PART)));
  const late = new Promise<never>((_, reject) => {
    over.addEventListener('abort', () => reject(unavailable(lastFault)), { once: true });
  });
  // Also when the work is done in time, and nobody waits for it any more.
  late.catch(() => undefined);
  for (;;) {
    const trying = work();
    trying.catch(() => undefined);
    try {
      return await Promise.race([trying, late]);
    } catch (error) {
      if (!isOutage(error)) {
        if (lastFault === undefined || isTrueAnyway(error)) throw error;
        logger.warn({ err: error }, 'whether an earlier try has done it is not known');
        throw unavailable(error);
      }
      logger.warn({ err: error }, 'the database is away; it is tried again');
      lastFault = error;
    }
    await abortableDelay(RETRY_MS, over);
    if (over.aborted) throw unavailable(lastFault);
  }
}

function isTrueAnyway(error: unknown): boolean {
  return error instanceof CodedError && TRUE_ANYWAY.has(error.code);
}

function unavailable(cause: unknown): CodedError {
  return new CodedError(
    'TEMPORARILY_UNAVAILABLE',
    'This could not be done in time, or is not known to be. Send the same again, with the same key.',
    { cause },
  );
}
