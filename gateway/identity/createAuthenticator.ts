import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { ANONYMOUS, type Caller, createCaller } from './caller.js';
import type { HeaderLookup } from './headerLookup.js';
import type { IdentityConfig, JwtConfig } from './identityConfig.js';
import { createTokenVerifier, refused } from './tokenVerifier.js';
import { createVerifiedTokens } from './verifiedTokens.js';

export type AuthenticationOutcome =
  | 'anonymous'
  | 'trusted'
  | 'verified'
  | 'cached'
  | 'refused'
  | 'missing'
  | 'unavailable';

export interface Authenticator {
  /** Lower-case names of what it looks at: an answer varies by them. */
  readonly headers: readonly string[];
  /**
   * Who calls, by the headers of a request or by the parameters that opened a WebSocket. At once, without a promise,
   * when the caller is known already, as it is for nearly every request.
   *
   * @throws CodedError `INVALID_TOKEN`, `TOKEN_REQUIRED` or `IDENTITY_UNAVAILABLE`, thrown or as a rejection
   */
  authenticate(lookup: HeaderLookup): Caller | Promise<Caller>;
  close(): void;
}

export interface AuthenticatorOptions {
  readonly config: IdentityConfig;
  readonly logger: Logger;
  count?(outcome: AuthenticationOutcome): void;
}

/** One for all transports: none of them may believe more, or less, than another. */
export function createAuthenticator({
  config,
  logger,
  count = () => {},
}: AuthenticatorOptions): Authenticator {
  const { trustedHeader, jwt, required } = config;

  function nobody(): Caller {
    count(required ? 'missing' : 'anonymous');
    if (!required) return ANONYMOUS;
    throw new CodedError('TOKEN_REQUIRED', 'This needs an identity, and the request has none.', {
      headers: jwt?.header === 'authorization' ? { 'www-authenticate': 'Bearer' } : {},
    });
  }

  if (jwt !== undefined) return createTokenAuthenticator(jwt, nobody, logger, count);
  return {
    headers: trustedHeader === undefined ? [] : [trustedHeader],
    authenticate(lookup) {
      const subject = trustedHeader === undefined ? undefined : lookup(trustedHeader);
      if (subject === undefined || subject === '') return nobody();
      count('trusted');
      return createCaller({ subject });
    },
    close() {},
  };
}

/** Longer ones come from nobody who means well; a WebSocket could bring megabytes. */
const MAX_TOKEN_LENGTH = 8_192;
const SCHEME = 'Bearer ';
/** With some spaces more than are needed. */
const MAX_HEADER_LENGTH = MAX_TOKEN_LENGTH + 16;

function createTokenAuthenticator(
  jwt: JwtConfig,
  nobody: () => Caller,
  logger: Logger,
  count: (outcome: AuthenticationOutcome) => void,
): Authenticator {
  const verified = createVerifiedTokens({ maxEntries: jwt.cacheEntries, maxBytes: jwt.cacheBytes });
  /** By header. A client that starts sends many requests at once, all with the same token. */
  const underWay = new Map<string, Promise<Caller>>();
  /** How often the keys have become others. */
  let keysChanged = 0;
  const onKeysChanged = () => {
    keysChanged += 1;
    verified.clear();
  };
  const verifier = createTokenVerifier({ config: jwt, onKeysChanged, logger });

  function refuse(): never {
    count('refused');
    throw refused(jwt, undefined);
  }

  async function verify(sent: string, token: string): Promise<Caller> {
    const keysBefore = keysChanged;
    try {
      const caller = await verifier.verify(token);
      // Else one token under ever more spaces would push out all others. With keys that are withdrawn by now it would be
      // good until its end.
      if (sent.length <= SCHEME.length + token.length && keysChanged === keysBefore)
        verified.set(sent, caller);
      count('verified');
      return caller;
    } catch (error) {
      const isRefused = error instanceof CodedError && error.code === 'INVALID_TOKEN';
      count(isRefused ? 'refused' : 'unavailable');
      if (isRefused) logger.debug({ reason: reasonOf(error) }, 'a token was refused');
      else logger.warn({ err: error }, 'a token could not be verified');
      throw error;
    } finally {
      underWay.delete(sent);
    }
  }

  return {
    headers: [jwt.header],
    authenticate(lookup) {
      const sent = lookup(jwt.header);
      if (sent === undefined) return nobody();
      if (sent.length > MAX_HEADER_LENGTH) refuse();
      // By the whole header: nothing needs to be cut out of what is known.
      const known = verified.get(sent);
      if (known !== undefined) {
        count('cached');
        return known;
      }
      const token = jwt.header === 'authorization' ? BEARER.exec(sent)?.[1] : sent;
      // Who sends something else believes to be somebody, and must not be answered as if it were nobody.
      if (token === undefined || token === '' || token.length > MAX_TOKEN_LENGTH) refuse();
      let verifying = underWay.get(sent);
      if (verifying === undefined) {
        verifying = verify(sent, token);
        underWay.set(sent, verifying);
      }
      return verifying;
    },
    close: () => verifier.close(),
  };
}

/** Its message alone: the errors of the library carry claims. */
function reasonOf({ cause }: CodedError): string {
  return cause instanceof Error ? cause.message : 'a claim is missing';
}

/** RFC 6750, section 2.1; the scheme's name is in any case (RFC 9110, section 11.1). */
const BEARER = /^bearer +([\w.~+/=-]+) *$/i;
