/**
 * Whether `If-None-Match` names this entity tag (RFC 9110, section 13.1.2): a list, or `*`; weak comparison, since a
 * 304 only promises that what the client has will do.
 */
export function etagMatches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}
