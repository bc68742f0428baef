import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  laterOperationTime,
  type OperationTime,
  parseOperationTime,
} from '../../platform/database/operationTime.js';

/** On the response to a mutation, and on every request of the client from then on. */
export const CONSISTENCY_HEADER = 'headgate-consistency';

/** An embedded database is a new cluster with each start, so a token that lives long meets many. */
const MAX_CLUSTERS = 8;
/** Eight clusters with the longest names, encoded, and the signature. */
const MAX_LENGTH = 1_024;
/** Of one request; more are not looked at, since each costs a signature. */
const MAX_TOKENS = 8;
const VERSION = 'v1';

/** What a client has seen of the world: per cluster, a time than which it must not be shown anything older. Immutable. */
export class ConsistencyToken {
  static readonly EMPTY = new ConsistencyToken(new Map());

  private constructor(readonly times: ReadonlyMap<string, OperationTime>) {}

  /** Keeps the later time of each cluster; when there are too many clusters, those that were heard of last. */
  with(...times: readonly OperationTime[]): ConsistencyToken {
    const merged = new Map(this.times);
    for (const time of times) {
      const cluster = parseOperationTime(time)?.cluster;
      if (cluster === undefined) continue;
      const later = laterOperationTime(merged.get(cluster), time);
      merged.delete(cluster);
      merged.set(cluster, later);
    }
    return new ConsistencyToken(new Map([...merged].slice(-MAX_CLUSTERS)));
  }

  get isEmpty(): boolean {
    return this.times.size === 0;
  }
}

/**
 * Text for a header: `v1.<times>.<HMAC-SHA-256>`, in base64url. Signed, since a time from the future would make every
 * read of whoever sends it wait in the database. All replicas need the same secret.
 */
export function formatConsistencyToken(token: ConsistencyToken, secret: string): string {
  const payload = Buffer.from([...token.times.values()].join(' ')).toString('base64url');
  return `${VERSION}.${payload}.${sign(payload, secret).toString('base64url')}`;
}

/**
 * What a client sends: one token, or several with commas between them when it got them from mutations that ran at the
 * same time. Anything that was not signed with this secret counts as nothing: a bad token is ignored, never an error.
 */
export function parseConsistencyToken(text: string | undefined, secret: string): ConsistencyToken {
  if (text === undefined || text.length > MAX_TOKENS * (MAX_LENGTH + 2)) return ConsistencyToken.EMPTY;
  const tokens = text.split(',', MAX_TOKENS);
  return ConsistencyToken.EMPTY.with(...tokens.flatMap((token) => timesIn(token.trim(), secret)));
}

function timesIn(text: string, secret: string): readonly OperationTime[] {
  if (text.length > MAX_LENGTH) return [];
  const [version, payload, signature, ...rest] = text.split('.');
  if (version !== VERSION || !payload || !signature || rest.length > 0) return [];
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(payload, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return [];
  return Buffer.from(payload, 'base64url').toString('utf8').split(' ') as OperationTime[];
}

function sign(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${VERSION}.consistency.${payload}`).digest();
}
