import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { CodedError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { type Caller, createCaller } from './caller.js';
import type { JwtConfig } from './identityConfig.js';

export interface TokenVerifier {
  /** @throws CodedError `INVALID_TOKEN`, or `IDENTITY_UNAVAILABLE` when no keys can be had to verify it with */
  verify(token: string): Promise<Caller & { readonly expiresAt: number }>;
  close(): void;
}

export interface TokenVerifierOptions {
  readonly config: JwtConfig;
  /** The issuer's keys are others now: what was verified with the old ones may not count any more. */
  onKeysChanged(): void;
  readonly logger: Logger;
}

const KEYS_TIMEOUT_MS = 5_000;
/** While the issuer is out of reach, each unknown token would wait for it. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Verifies tokens with the keys that their issuer publishes. The keys are loaded anew from time to time, in the
 * background: an issuer that does not answer is no reason to refuse tokens of keys that are known.
 */
export function createTokenVerifier({ config, onKeysChanged, logger }: TokenVerifierOptions): TokenVerifier {
  const keys = createRemoteJWKSet(new URL(config.jwksUrl), {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: config.jwksCooldownMs,
    timeoutDuration: KEYS_TIMEOUT_MS,
  });
  const options: JWTVerifyOptions = {
    issuer: config.issuer,
    audience: config.audience,
    algorithms: config.algorithms,
    clockTolerance: config.clockToleranceSeconds,
    // Without an end a stolen token would be good for ever.
    requiredClaims: ['exp', 'sub'],
  };
  let known: string | undefined;

  function noteKeys(): void {
    const now = JSON.stringify(keys.jwks());
    if (known !== undefined && now !== known) onKeysChanged();
    known = now;
  }

  async function reload(): Promise<void> {
    try {
      await keys.reload();
      noteKeys();
    } catch (err) {
      logger.warn({ err, jwksUrl: config.jwksUrl }, 'the keys for tokens cannot be loaded; known ones stay');
    }
  }

  void reload();
  const timer = setInterval(() => void reload(), config.jwksMaxAgeMs);
  timer.unref();

  return {
    async verify(token) {
      let payload: JWTPayload;
      try {
        ({ payload } = await verifyWithAny(token, keys, options));
        // Of these keys nobody knew before, where the issuer was out of reach at first: they can be withdrawn as well.
        if (known === undefined) noteKeys();
      } catch (error) {
        throw asCodedError(error, config);
      }
      const { sub, exp } = payload;
      if (typeof sub !== 'string' || sub === '' || exp === undefined) throw refused(config, undefined);
      const identity = {
        subject: sub,
        scopes: listOf(payload[config.scopesClaim]),
        ...claimsToForward(payload, config.forwardClaims),
      };
      const expiresAt = exp * 1000;
      const policies = listOf(payload[config.policiesClaim]);
      return { ...createCaller(identity, { policies, expiresAt }), expiresAt };
    },
    close: () => clearInterval(timer),
  };
}

/** A token that does not name its key is tried with each one that could be meant, as while keys are rotated. */
async function verifyWithAny(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  options: JWTVerifyOptions,
) {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** What jose says of the token itself; everything else is about getting the keys. */
const TOKEN_FAULTS = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
];

function asCodedError(error: unknown, config: JwtConfig): CodedError {
  if (TOKEN_FAULTS.some((fault) => error instanceof fault)) return refused(config, error);
  return new CodedError('IDENTITY_UNAVAILABLE', 'Tokens cannot be verified just now.', {
    extensions: { retryAfterSeconds: RETRY_AFTER_SECONDS },
    cause: error,
  });
}

/** Says that a token has expired, since a client can do something about that, and nothing else of what was wrong. */
export function refused({ header }: Pick<JwtConfig, 'header'>, cause: unknown): CodedError {
  const isExpired = cause instanceof errors.JWTExpired;
  return new CodedError(
    'INVALID_TOKEN',
    isExpired ? 'The token has expired.' : 'The token is not accepted.',
    {
      extensions: { reason: isExpired ? 'expired' : 'rejected' },
      // RFC 6750, section 3.
      headers: header === 'authorization' ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {},
      cause,
    },
  );
}

/** A claim that lists things: a text with spaces (RFC 8693, `scope`), or an array of texts. */
function listOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((entry) => entry !== '');
  if (Array.isArray(claim)) return claim.filter((entry) => typeof entry === 'string');
  return [];
}

function claimsToForward(payload: JWTPayload, names: readonly string[]) {
  const claims = names.flatMap((name) => (Object.hasOwn(payload, name) ? [[name, payload[name]]] : []));
  return claims.length === 0 ? {} : { claims: Object.fromEntries(claims) as Record<string, unknown> };
}
