import { CodedError } from '../../platform/errors.js';
import { BadResponseError } from './subgraphClient.js';

/**
 * What proxies and servers that start or stop answer with; 408 is what Node and others send on a connection on which nothing
 * came for a while, and it may cross with a request (RFC 9110, 15.5.9: send it again).
 */
const TRANSIENT_STATUS: ReadonlySet<number | undefined> = new Set([408, 502, 503, 504]);

/** Whether another attempt may well go better: not after a timeout, since what is slow would be asked twice. */
export function isTransient(error: unknown): boolean {
  if (error instanceof BadResponseError) return TRANSIENT_STATUS.has(error.httpStatus);
  return error instanceof CodedError && error.code === 'SUBGRAPH_UNAVAILABLE';
}
