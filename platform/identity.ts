import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who the gateway found the caller to be. */
export interface Identity {
  readonly subject: string;
}

/** Set by the gateway alone; a value that a client sends under this name is dropped at the door. */
export const IDENTITY_HEADER = 'headgate-identity';

/** @returns `<base64url JSON>.<base64url HMAC-SHA-256>`, to be sent to subgraphs in `IDENTITY_HEADER`. */
export function signIdentity(identity: Identity, secret: string): string {
  const payload = Buffer.from(JSON.stringify({ sub: identity.subject })).toString('base64url');
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
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { sub?: unknown };
    return typeof sub === 'string' && sub.length > 0 ? { subject: sub } : undefined;
  } catch {
    return undefined;
  }
}

function mac(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(payload).digest();
}
