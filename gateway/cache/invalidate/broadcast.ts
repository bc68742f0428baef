import type { PurgeNotice } from './purgeNotice.js';

export interface BroadcastListener {
  /** Somebody else has purged. Never one's own notices. */
  onNotice(notice: PurgeNotice): void;
  /** Notices may have been missed. Called when the connection is back, before any notice that comes after the gap. */
  onGap(): void;
}

/**
 * Tells the other gateways of a purge, quickly and without a promise: a notice can get lost. Where a feed is read, that
 * costs time only, since every gateway reads it for itself.
 */
export interface Broadcast {
  /** Resolves when it was sent, or could not be: it never rejects, and never takes longer than a deadline. */
  publish(notice: PurgeNotice): Promise<void>;
  /** @returns a function that stops it */
  listen(listener: BroadcastListener): () => void;
  readonly counts: {
    readonly sent: number;
    readonly unsent: number;
    readonly received: number;
    readonly malformed: number;
  };
  close(): Promise<void>;
}
