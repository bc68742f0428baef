import { randomUUID } from 'node:crypto';
import type { ErrorMasking } from '../../platform/errorMasking.js';
import type { PersistedOperations } from '../persisted/createPersistedOperations.js';
import { asGraphQLError } from './asGraphQLError.js';
import type { RunOperation } from './runOperation.js';
import { settledRequest } from './settledRequest.js';

const nothing = (): void => undefined;

/** Runs what may be run by the lists, where a transport has no status to refuse with. */
export function createListedRun(
  persisted: Pick<PersistedOperations, 'settle' | 'registered'>,
  run: RunOperation,
  mask: ErrorMasking['mask'],
): RunOperation {
  return (request, client, sink) => {
    try {
      return run(settledRequest(persisted, request, client.headers), client, sink);
    } catch (error) {
      sink.fail(mask([asGraphQLError(error)], randomUUID()));
      return nothing;
    }
  };
}
