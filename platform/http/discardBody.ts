import type { IncomingMessage } from 'node:http';

/** A piece costs as much as so many bytes of a large one, however small it is. */
const PIECE_BYTES = 4_096;

export interface DiscardOptions {
  /** More than that is not worth it. Each piece counts as 4 KB at least. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/**
 * Reads what is left of a body and forgets it, within bounds. Who is answered and cut off while still sending often never
 * sees the answer: closing on bytes that nobody has read resets the connection, and what was sent on it is lost
 * (RFC 9112, section 9.6).
 */
export function discardBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: DiscardOptions,
): Promise<void> {
  return new Promise((resolve) => {
    let left = maxBytes;
    const take = (chunk: Buffer) => {
      left -= Math.max(chunk.length, PIECE_BYTES);
      if (left < 0) done();
    };
    const done = () => {
      clearTimeout(timer);
      request.off('data', take).off('end', done).off('close', done).pause();
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    if (request.complete || request.destroyed) return done();
    request.on('data', take).on('end', done).on('close', done).resume();
  });
}
