import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether both are the same, in a time that tells nothing about where they differ, nor how long the secret is. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
