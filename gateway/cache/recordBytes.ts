import type { CacheRecord } from './cacheTier.js';

/** Header and padding of a string on V8's heap. */
const STRING_HEADER_BYTES = 24;

/** The most a string takes on V8's heap; one of 8-bit characters takes half of what is counted for others. */
export function stringBytes(text: string): number {
  return STRING_HEADER_BYTES + text.length * (isAscii(text) ? 1 : 2);
}

/**
 * A copy that stands for itself. A slice keeps the whole text alive that it was cut from, and a concatenation keeps
 * its parts: their size would be anybody's guess.
 */
export function ownCopy(text: string): string {
  return isAscii(text) ? Buffer.from(text, 'latin1').toString('latin1') : Buffer.from(text).toString();
}

/** When a record may no longer be served for any reason, in ms since the epoch. */
export function endOf(record: CacheRecord): number {
  return Math.max(record.freshUntil, record.staleUntil, record.errorUntil);
}

/** As many bytes as characters. The engine counts them several times as fast as an expression looks at each. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
