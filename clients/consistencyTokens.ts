/** Carries tokens both ways: on the response to a mutation, and on every request from then on. */
export const CONSISTENCY_HEADER = 'headgate-consistency';

/** Where tokens outlive a page: `window.sessionStorage` fits, and so does `window.localStorage` for all tabs at once. */
export interface TokenStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface ConsistencyTokensOptions {
  /** Read before each request. One that throws is done without. @default none: tokens live as long as this object */
  readonly storage?: TokenStorage | undefined;
}

/** What this client has seen each gateway write, as the gateways told it. */
export interface ConsistencyTokens {
  /** Text of the header for a request to this URL; `undefined` when nothing was written through its origin yet. */
  headerFor(url: string): string | undefined;
  /**
   * Takes the header of a response.
   *
   * @param sent what `headerFor` gave for the request: the new token stands for all of that
   * @param received `null` when the response has none, as that of a read
   */
  take(url: string, sent: string | undefined, received: string | null): void;
}

/** As many as a gateway reads. */
const MAX_TOKENS = 8;
/** Anything else could not be sent in a header, or is no token. */
const TOKEN = /^[\w.-]{1,1024}$/;

/**
 * Keeps the tokens of each gateway apart, by the origin of its URL.
 *
 * A token says what its own request wrote, and what that request was sent. Of two mutations under way at once neither
 * knows of the other, so both tokens are kept, whichever comes last, until one comes that stands for both.
 */
export function createConsistencyTokens({ storage }: ConsistencyTokensOptions = {}): ConsistencyTokens {
  const memory = new Map<string, string>();
  /** Origins whose last tokens the storage did not take. */
  const unsaved = new Set<string>();

  function read(origin: string): readonly string[] {
    const own = tokensIn(memory.get(origin));
    let stored: string | null | undefined;
    try {
      stored = storage?.getItem(keyOf(origin));
    } catch {
      // Browsers forbid it in some modes; what is in memory will do.
    }
    if (stored === null || stored === undefined) return own;
    const others = tokensIn(stored);
    if (!unsaved.has(origin)) return others;
    return [...others.filter((token) => !own.includes(token)), ...own].slice(-MAX_TOKENS);
  }

  function keep(origin: string, tokens: readonly string[]): void {
    const text = tokens.slice(-MAX_TOKENS).join(', ');
    memory.set(origin, text);
    try {
      storage?.setItem(keyOf(origin), text);
      unsaved.delete(origin);
    } catch {
      // Forbidden, or full.
      unsaved.add(origin);
    }
  }

  return {
    headerFor: (url) => read(originOf(url)).join(', ') || undefined,
    take(url, sent, received) {
      if (received === null || !TOKEN.test(received)) return;
      const origin = originOf(url);
      const covered = new Set([...tokensIn(sent), received]);
      keep(origin, [...read(origin).filter((token) => !covered.has(token)), received]);
    },
  };
}

function tokensIn(text: string | undefined): readonly string[] {
  return (text ?? '').split(', ').filter((token) => TOKEN.test(token));
}

function keyOf(origin: string): string {
  return `${CONSISTENCY_HEADER}:${origin}`;
}

/** Of a URL that may be relative to the page. */
function originOf(url: string): string {
  const page = (globalThis as { location?: { href?: string } }).location?.href;
  return URL.canParse(url, page) ? new URL(url, page).origin : '';
}
