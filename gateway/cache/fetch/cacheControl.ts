/** What a subgraph's `Cache-Control` and `Age` say, in ms. */
export interface CacheDirectives {
  /** `no-store` or `no-cache`: what may only be kept to be asked for again is not worth keeping here. */
  readonly noStore: boolean;
  readonly isPrivate: boolean;
  /** How long it is fresh from when it was made; `undefined` when nothing was said. */
  readonly ttlMs: number | undefined;
  /** How old it was already when it was sent. */
  readonly ageMs: number;
  /** `undefined` when nothing was said. */
  readonly staleWhileRevalidateMs: number | undefined;
  readonly staleIfErrorMs: number | undefined;
}

/** 68 years; RFC 9111 lets a receiver treat anything longer as this. */
const MAX_SECONDS = 2 ** 31 - 1;

/** Ten times what any real one needs; beyond it, whoever wrote it wants something else than to be cached. */
const MAX_LENGTH = 2_000;

/** A name, and a value after `=`: quoted, with `\` before what would end it, or up to the next comma. */
const DIRECTIVE = /([^\s,="]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]*)))?/g;

/**
 * Reads the headers by RFC 9111 and RFC 5861. Where they are ambiguous the shorter time counts: a duration that is no
 * number is 0, and of one that is given twice the smaller holds. One of more than 2,000 characters is not read: it
 * counts as `no-store`.
 */
export function parseCacheControl(
  cacheControl: string | undefined,
  age?: string | undefined,
): CacheDirectives {
  const seen = new Map<string, string[]>();
  const text = cacheControl === undefined || cacheControl.length > MAX_LENGTH ? '' : cacheControl;
  for (const [, name = '', quoted, plain] of text.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
    seen.set(key, [...(seen.get(key) ?? []), value.trim()]);
  }
  const duration = (name: string): number | undefined => {
    const values = seen.get(name);
    return values && Math.min(...values.map(milliseconds));
  };
  const isPrivate = seen.has('private');
  const maxAge = duration('max-age');
  const shared = duration('s-maxage');
  // `s-maxage` is for caches that answer many people; what is private is kept for one.
  const ttlMs = isPrivate ? (maxAge ?? shared) : (shared ?? maxAge);
  const mayBeStale = !seen.has('must-revalidate') && !seen.has('proxy-revalidate');
  return {
    noStore: text !== (cacheControl ?? '') || seen.has('no-store') || seen.has('no-cache'),
    isPrivate,
    ttlMs,
    ageMs: age === undefined ? 0 : milliseconds(age.split(',')[0] ?? ''),
    staleWhileRevalidateMs: mayBeStale ? duration('stale-while-revalidate') : 0,
    staleIfErrorMs: mayBeStale ? duration('stale-if-error') : 0,
  };
}

/**
 * Whether an answer is for whoever asked alone: those who only waited have to ask for themselves.
 * @param isPerIdentity whether those who wait are of the same identity
 */
export function isForOneAlone(
  { noStore, isPrivate, ttlMs }: CacheDirectives,
  isPerIdentity: boolean,
): boolean {
  return noStore || (isPrivate && !isPerIdentity) || ttlMs === 0;
}

function milliseconds(text: string): number {
  const trimmed = text.trim();
  return /^\d+$/.test(trimmed) ? Math.min(Number(trimmed), MAX_SECONDS) * 1000 : 0;
}
