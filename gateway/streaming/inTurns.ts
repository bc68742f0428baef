/** So many are dealt with before everybody else has a turn: a few milliseconds, where each of them is written to. */
export const TURN_SIZE = 250;

/**
 * Calls back for each of many, in several turns of the event loop, so that nobody else waits for all of them. The first
 * ones are dealt with at once.
 *
 * @param callback must not throw
 */
export async function inTurns<T>(items: readonly T[], callback: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += TURN_SIZE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const item of items.slice(from, from + TURN_SIZE)) callback(item);
  }
}
