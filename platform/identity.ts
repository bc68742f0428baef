import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who the gateway found the caller to be. */
export interface Identity {
  readonly subject: string;
  /** What the caller may do, by the token it came with; absent when no token said anything of it. */
  readonly scopes?: readonly string[];
  /** Claims of the token that subgraphs are to be told, by the gateway's configuration. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Set by the gateway alone; a value that a client sends under this name is dropped at the door. */
export const IDENTITY_HEADER = 'headgate-identity';

/** @returns `<base64url JSON>.<base64url HMAC-SHA-256>`, to be sent to subgraphs in `IDENTITY_HEADER`. */
export function signIdentity({ subject, scopes, claims }: Identity, secret: string): string {
  const payload = Buffer.from(JSON.stringify({ sub: subject, scopes, claims })).toString('base64url');
  return `${payload}.${mac(payload, secret).toString('base64url')}`;
}

/** `undefined` for a header that is missing, malformed, or signed with another secret. */
export function verifyIdentity(header: string | undefined, secret: string): Identity | undefined {
  if (!header) return undefined;
  const dot = header.indexOf('.');
  if (dot < 1) return undefined;
  const payload = header.slice(0, dot);
  const given = Buffer.from(header.slice(dot + 1), 'base64url');
  const expected = mac(payload, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  try {
    return parseIdentity(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** @throws TypeError for null */
function parseIdentity(payload: unknown): Identity | undefined {
  const { sub, scopes, claims } = payload as { sub?: unknown; scopes?: unknown; claims?: unknown };
  if (typeof sub !== 'string' || sub.length === 0) return undefined;
  return {
    subject: sub,
    ...(Array.isArray(scopes) && { scopes: scopes.filter((scope) => typeof scope === 'string') }),
    ...(typeof claims === 'object' && claims !== null && { claims: claims as Record<string, unknown> }),
  };
}

function mac(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(payload).digest();
}
