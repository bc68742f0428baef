import { CodedError } from '../../platform/errors.js';
import { BadResponseError } from './subgraphClient.js';

/** What proxies and servers that start or stop answer with. */
const TRANSIENT_STATUS: ReadonlySet<number | undefined> = new Set([502, 503, 504]);

/** Whether another attempt may well go better: not after a timeout, since what is slow would be asked twice. */
export function isTransient(error: unknown): boolean {
  if (error instanceof BadResponseError) return TRANSIENT_STATUS.has(error.httpStatus);
  return error instanceof CodedError && error.code === 'SUBGRAPH_UNAVAILABLE';
}
