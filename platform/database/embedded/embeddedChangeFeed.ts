import type { ChangeEvent, ChangeFeed, Heartbeat, WatchOptions } from '../database.js';
import type { Timers } from '../timers.js';
import type { ChangeLog, LoggedChange } from './changeLog.js';
import { copyValue } from './copyValue.js';

/** Reads the log at its own pace: nothing is queued for a feed, and one that falls behind the log has lost its cursor. */
export function openEmbeddedChangeFeed(
  log: ChangeLog,
  options: WatchOptions,
  timers: Timers,
  onClose: () => void,
): ChangeFeed {
  const collections = new Set(options.collections);
  const beginning = log.head;
  let closed = false;
  let wake = () => {};

  function positionOf(after: string | undefined): number {
    if (after === undefined) return beginning;
    const sequence = log.sequenceOf(after);
    log.next(sequence);
    return sequence;
  }

  const heartbeat = (sequence: number): Heartbeat => ({
    kind: 'heartbeat',
    cursor: log.cursorOf(sequence),
    operationTime: log.timeOf(sequence),
  });

  const changeOf = ({ sequence, before, after, ...change }: LoggedChange): ChangeEvent => ({
    kind: 'change',
    ...change,
    before: copyValue(leaveOut(before, options.without)),
    after: copyValue(leaveOut(after, options.without)),
    cursor: log.cursorOf(sequence),
    operationTime: log.timeOf(sequence),
  });

  /** Until something is appended, the feed is closed, or `delayMs` are over. */
  async function waitForMore(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const stopListening = log.onAppend(() => wake());
      const stopTimer = timers.after(delayMs, () => wake());
      wake = () => {
        stopListening();
        stopTimer();
        resolve();
      };
    });
  }

  async function* changes(): AsyncGenerator<ChangeEvent | Heartbeat, void> {
    let position = await opening;
    if (options.after === undefined) yield heartbeat(position);
    let spokeAt = timers.now();
    while (!closed) {
      const change = log.next(position);
      if (change) {
        position = change.sequence;
        if (!collections.has(change.collection)) continue;
        yield changeOf(change);
        spokeAt = timers.now();
        continue;
      }
      const silentForMs = timers.now() - spokeAt;
      if (silentForMs >= options.heartbeatMs) {
        yield heartbeat(position);
        spokeAt = timers.now();
      } else {
        await waitForMore(options.heartbeatMs - silentForMs);
      }
    }
  }

  async function* iterate(): AsyncGenerator<ChangeEvent | Heartbeat, void> {
    try {
      yield* changes();
    } finally {
      onClose();
    }
  }

  const opening = (async () => positionOf(options.after))();
  const ready = opening.then(() => undefined);
  // For those who want to wait; the iteration reports the same fault.
  ready.catch(() => undefined);
  const iterator = iterate();
  return {
    ready,
    async close() {
      closed = true;
      onClose();
      wake();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
}

function leaveOut<T extends object>(document: T | undefined, fields: readonly string[] = []): T | undefined {
  if (document === undefined || fields.length === 0) return document;
  return Object.fromEntries(Object.entries(document).filter(([field]) => !fields.includes(field))) as T;
}
