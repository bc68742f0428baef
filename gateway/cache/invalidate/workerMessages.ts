import type { PurgeNotice } from './purgeNotice.js';

/**
 * What workers and their primary say to each other over IPC. A worker joins before it listens, and is told when it has;
 * from then on it is asked to purge (`purge`), and it may ask that all others do (`purge-others`).
 */
export type WorkerMessage =
  | { readonly headgate: 'join' }
  | { readonly headgate: 'joined' }
  | { readonly headgate: 'purge-others'; readonly id: number; readonly notice: PurgeNotice }
  | { readonly headgate: 'others-purged'; readonly id: number }
  | { readonly headgate: 'purge'; readonly id: number; readonly notice: PurgeNotice }
  | { readonly headgate: 'purged'; readonly id: number; readonly done: boolean };

/** Other code may use the same IPC channel: what is not ours is `undefined`. Both ends are of one release. */
export function asWorkerMessage(message: unknown): WorkerMessage | undefined {
  if (typeof message !== 'object' || message === null || !('headgate' in message)) return undefined;
  return message as WorkerMessage;
}
