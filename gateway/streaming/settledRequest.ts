import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '../../platform/errors.js';
import { isJsonObject } from '../execution/json.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { hashOf, idOf } from '../persisted/sentOperation.js';
import { documentKeyOf } from '../supergraph/documentKey.js';
import type { OperationRequest } from './prepareOperation.js';

/** A request in which an id may stand for the text. */
export interface StreamedRequest extends Omit<OperationRequest, 'query'> {
  readonly query?: string | null;
  readonly documentId?: unknown;
}

/**
 * The request with the text that is to be run. What comes of a hash is the same as with Apollo Server, which answers what
 * is not streamed.
 * @throws CodedError when nothing may be run, when nobody knows the id, or when it is the hash of another text
 */
export function settledRequest(
  persisted: Pick<PersistedOperations, 'settle' | 'registered'>,
  request: StreamedRequest,
  headers: IncomingHttpHeaders,
): OperationRequest {
  const { text, byId } = persisted.settle(request, headers);
  const mayRegister = persisted.registered !== undefined;
  if (text === undefined && idOf(request) !== undefined) {
    if (!mayRegister && hashOf(request) !== undefined) {
      throw new CodedError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    }
    throw new CodedError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  }
  if (mayRegister && !byId && sendsHash(request) && hashOf(request) !== documentKeyOf(text ?? '')) {
    throw new CodedError('BAD_REQUEST', 'The hash is not that of the text, or not in a form that is known.');
  }
  return { ...request, query: text ?? '' };
}

function sendsHash({ extensions }: StreamedRequest): boolean {
  return isJsonObject(extensions) && Boolean(extensions['persistedQuery']);
}
