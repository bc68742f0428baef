import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '../../platform/errors.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { idOf } from '../persisted/sentOperation.js';
import type { OperationRequest } from './prepareOperation.js';

/** A request in which an id may stand for the text. */
export interface StreamedRequest extends Omit<OperationRequest, 'query'> {
  readonly query?: string | null;
  readonly documentId?: unknown;
}

/**
 * The request with the text that is to be run.
 * @throws CodedError when nothing may be, or when nobody knows the id
 */
export function settledRequest(
  persisted: Pick<PersistedOperations, 'settle'>,
  request: StreamedRequest,
  headers: IncomingHttpHeaders,
): OperationRequest {
  const { text } = persisted.settle(request, headers);
  if (text === undefined && idOf(request) !== undefined) {
    throw new CodedError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  }
  return { ...request, query: text ?? '' };
}
