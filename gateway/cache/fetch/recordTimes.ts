import type { CacheRecord } from '../cacheTier.js';
import type { CacheDirectives } from './cacheControl.js';
import type { FetchCacheSettings } from './fetchCacheSettings.js';

export type RecordTimes = Pick<CacheRecord, 'createdAt' | 'freshUntil' | 'staleUntil' | 'errorUntil'>;

export interface RecordTimesInput {
  readonly directives: CacheDirectives;
  readonly settings: FetchCacheSettings;
  /** When the subgraph was asked: counted from there, a slow answer is never kept longer than promised. */
  readonly askedAt: number;
  /** Whether it says that there is nothing. */
  readonly isNegative: boolean;
  /** From 0 to 1. */
  readonly random: number;
}

/** How long an answer may be kept; `undefined` when it may not, because of its time alone. */
export function recordTimes(input: RecordTimesInput): RecordTimes | undefined {
  const { directives, settings, askedAt, isNegative, random } = input;
  const promised = directives.ttlMs ?? settings.defaultTtlMs;
  if (promised === undefined) return undefined;
  const longest = isNegative ? Math.min(settings.maxTtlMs, settings.negativeTtlMs) : settings.maxTtlMs;
  const createdAt = askedAt - directives.ageMs;
  const promisedUntil = createdAt + promised;
  const end = Math.min(promisedUntil, askedAt + longest);
  const left = end - askedAt;
  if (left <= 0) return undefined;
  const freshUntil = askedAt + Math.max(1, Math.floor(left * (1 - settings.ttlJitter * random)));
  if (isNegative) return { createdAt, freshUntil, staleUntil: freshUntil, errorUntil: freshUntil };
  const stale = directives.staleWhileRevalidateMs ?? settings.staleWhileRevalidateMs;
  const onError = directives.staleIfErrorMs ?? settings.staleIfErrorMs;
  return {
    createdAt,
    freshUntil,
    staleUntil: stale > 0 ? end + stale : freshUntil,
    errorUntil: onError > 0 ? end + onError : freshUntil,
  };
}
