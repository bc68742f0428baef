import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { listen } from '../../platform/http/httpServer.js';
import { sendJson } from '../../platform/http/sendJson.js';
import { silentLogger } from '../../platform/logger.js';

export const ISSUER = 'https://issuer.test/';
export const AUDIENCE = 'https://shop.test';

export interface TokenOptions {
  readonly algorithm?: string;
  /** Seconds from now. @default 600 */
  readonly expiresIn?: number;
  readonly claims?: JWTPayload;
  /** Of `iss` and `aud`. */
  readonly issuer?: string;
  readonly audience?: string | string[];
  /** Signs with this instead of the newest key, as an attacker would. */
  readonly key?: CryptoKey | Uint8Array;
  /** @default the id of the newest key; null for none */
  readonly kid?: string | null;
}

/** Issues tokens, and publishes its keys on a real port. */
export interface TestIssuer extends AsyncDisposable {
  readonly jwksUrl: string;
  /** How often the keys were asked for. */
  readonly asked: number;
  /** Signs with a new key from now on. @param keepOld publishes the old ones too */
  rotate(keepOld?: boolean): Promise<void>;
  /** Withdraws all keys but the newest. */
  withdrawOld(): void;
  /** Answers 500, or answers again. */
  fail(fails: boolean): void;
  token(subject: string, options?: TokenOptions): Promise<string>;
  /** What the gateway is configured with. */
  readonly jwtConfig: { readonly jwksUrl: string; readonly issuer: string; readonly audience: string };
}

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: object;
}

export async function startTestIssuer(): Promise<TestIssuer> {
  let keys: Key[] = [];
  let count = 0;
  let asked = 0;
  let fails = false;

  async function rotate(keepOld = true): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    count += 1;
    const kid = `key-${count}`;
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
    keys = [{ kid, privateKey, publicJwk }, ...(keepOld ? keys : [])];
  }

  await rotate();
  const server = await listen({
    port: 0,
    logger: silentLogger(),
    drainTimeoutMs: 100,
    handler(_request, response) {
      asked += 1;
      if (fails) return sendJson(response, 500, {});
      sendJson(response, 200, { keys: keys.map(({ publicJwk }) => publicJwk) });
    },
  });
  const jwksUrl = `${server.url}/jwks.json`;
  return {
    jwksUrl,
    jwtConfig: { jwksUrl, issuer: ISSUER, audience: AUDIENCE },
    get asked() {
      return asked;
    },
    rotate,
    withdrawOld() {
      keys = keys.slice(0, 1);
    },
    fail(now) {
      fails = now;
    },
    token(subject, options = {}) {
      const [newest] = keys as [Key];
      const { algorithm = 'ES256', expiresIn = 600, claims = {}, key, kid = newest.kid } = options;
      return new SignJWT({ sub: subject, ...claims })
        .setProtectedHeader({ alg: algorithm, ...(kid !== null && { kid }) })
        .setIssuer(options.issuer ?? ISSUER)
        .setAudience(options.audience ?? AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(key ?? newest.privateKey);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
