import type { Invalidation } from '../invalidation.js';

/** What processes tell each other about an invalidation. */
export interface PurgeNotice {
  /** Who sent it; the same for all workers of a gateway. */
  readonly origin: string;
  readonly invalidation: Omit<Invalidation, 'by'>;
  /** Whether the sender has purged the shared cache: who hears of it then needs not do it again. */
  readonly sharedPurged: boolean;
}

const VERSION = 1;
const MAX_TAGS = 50_000;

export function formatPurgeNotice(notice: PurgeNotice): string {
  const { origin, sharedPurged, invalidation } = notice;
  const { source, tags, operationTime } = invalidation;
  return JSON.stringify({ v: VERSION, origin, source, tags, operationTime, sharedPurged });
}

/** `undefined` for anything that is not a notice of this version: other programs may use the channel. */
export function parsePurgeNotice(text: string): PurgeNotice | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, origin, source, tags, operationTime, sharedPurged } = value as Record<string, unknown>;
  if (v !== VERSION || typeof origin !== 'string' || typeof source !== 'string' || source === '')
    return undefined;
  if (!Array.isArray(tags) || tags.length > MAX_TAGS || !tags.every((tag) => typeof tag === 'string'))
    return undefined;
  return {
    origin,
    invalidation: {
      source,
      tags,
      operationTime: typeof operationTime === 'string' ? operationTime : undefined,
    },
    sharedPurged: sharedPurged === true,
  };
}
