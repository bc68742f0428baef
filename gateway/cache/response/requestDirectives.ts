/** What a client's `Cache-Control` asks of us (RFC 9111, section 5.2.1); directives we do not serve are ignored. */
export interface RequestDirectives {
  /** False after `no-cache`, `max-age=0`, or `Pragma: no-cache` without a `Cache-Control`. */
  readonly mayRead: boolean;
  /** False after `no-store`. */
  readonly mayStore: boolean;
}

const PERMISSIVE: RequestDirectives = { mayRead: true, mayStore: true };

export function requestDirectives(
  cacheControl: string | undefined,
  pragma: string | undefined,
): RequestDirectives {
  if (cacheControl === undefined) {
    return pragma?.toLowerCase().includes('no-cache') ? { mayRead: false, mayStore: true } : PERMISSIVE;
  }
  const directives = cacheControl
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  const mayStore = !directives.includes('no-store');
  return {
    // Who forbids keeping an answer is not given a kept one either.
    mayRead: mayStore && !directives.includes('no-cache') && !directives.includes('max-age=0'),
    mayStore,
  };
}
