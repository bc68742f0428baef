import type { ServerResponse } from 'node:http';
import { SharedBodies } from './sharedBodies.js';

/** Why a client was cut off: its answer waited for too long, or too many bytes waited for slow clients. */
export const SLOW_READER_REASONS = ['time', 'memory'] as const;
export type SlowReaderReason = (typeof SLOW_READER_REASONS)[number];

export interface UnreadAnswersOptions {
  /** How long an answer may wait for its client, from when all of it is there. */
  readonly timeoutMs: number;
  /** What all of them together may take; beyond it, whoever has waited for longest is cut off. */
  readonly maxBytes: number;
  onCut?(reason: SlowReaderReason): void;
}

interface Unread {
  /** Its own; without what it shares with others. */
  readonly bytes: number;
  readonly shared: Buffer | undefined;
  readonly timer: NodeJS.Timeout;
}

/** On the response itself: a weak map costs several times as much, and again when garbage is collected. */
const SHARED = Symbol('shared body');

interface Sharing extends ServerResponse {
  [SHARED]?: Buffer;
}

/** Ends it with bytes that other answers send as well: however many clients they wait for, they are in memory once. */
export function endWithShared(response: Sharing, bytes: Buffer): void {
  response[SHARED] = bytes;
  response.end(bytes);
}

/** Answers that are whole and that their clients have not read: they wait in our memory. */
export class UnreadAnswers {
  readonly #options: UnreadAnswersOptions;
  /** Those that have waited for longest first. */
  readonly #waiting = new Map<ServerResponse, Unread>();
  readonly #shared = new SharedBodies();
  /** Without what is shared. */
  #ownBytes = 0;

  constructor(options: UnreadAnswersOptions) {
    this.#options = options;
  }

  /** @param response which is whole. An ordinary one is with the operating system by then, and costs no timer */
  note(response: ServerResponse): void {
    const bytes = response.writableLength;
    if (bytes > 0 && !response.destroyed) this.#wait(response, bytes);
  }

  #wait(response: Sharing, length: number): void {
    const shared = response[SHARED];
    const bytes = Math.max(0, length - (shared?.length ?? 0));
    const timer = setTimeout(() => this.#cut(response, 'time'), this.#options.timeoutMs);
    this.#waiting.set(response, { bytes, shared, timer });
    this.#ownBytes += bytes;
    if (shared !== undefined) this.#shared.hold(shared);
    response.once('close', () => this.#forget(response));
    for (const oldest of this.#waiting.keys()) {
      // The newest has had no time to be read.
      if (this.#ownBytes + this.#shared.bytes <= this.#options.maxBytes || oldest === response) break;
      this.#cut(oldest, 'memory');
    }
  }

  #cut(response: ServerResponse, reason: SlowReaderReason): void {
    this.#forget(response);
    this.#options.onCut?.(reason);
    response.destroy();
  }

  #forget(response: ServerResponse): void {
    const unread = this.#waiting.get(response);
    if (unread === undefined) return;
    clearTimeout(unread.timer);
    this.#waiting.delete(response);
    this.#ownBytes -= unread.bytes;
    if (unread.shared !== undefined) this.#shared.release(unread.shared);
  }
}
