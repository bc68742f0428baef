import { GraphQLError } from 'graphql';
import { CodedError } from '../../platform/errors.js';
import type { PlanOutcome } from '../metrics/operationMetrics.js';

/** Tells how an attempt to plan went, and how long it took. */
export function measured<T>(
  onPlan: ((outcome: PlanOutcome, elapsedMs: number) => void) | undefined,
  make: () => T,
): T {
  const startedAt = performance.now();
  let result: PlanOutcome = 'failed';
  try {
    const made = make();
    result = 'made';
    return made;
  } finally {
    onPlan?.(result, performance.now() - startedAt);
  }
}

/** What a client is told when an operation could not be planned. */
export function planFailed(cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  // The planner refuses some valid operations with a reason for the client, such as too many selections.
  const reason = cause instanceof GraphQLError ? cause.message : 'the planner failed';
  return new CodedError('QUERY_PLAN_FAILED', `No plan for this operation: ${reason}`, { cause });
}
