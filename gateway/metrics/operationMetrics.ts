import { Counter, Histogram, type Registry } from 'prom-client';
import { ERROR_CODES } from '../../platform/errors.js';
import { knownLabel } from '../../platform/metrics/boundedLabel.js';
import { REQUEST_SECONDS } from '../../platform/metrics/buckets.js';
import { executionCodes } from '../execution/codes.js';
import type { Observation } from '../observation.js';

export type PlanOutcome = 'hit' | 'made' | 'failed';

export interface OperationMetrics {
  /** An operation that was executed, from when no cache answered to its answer. */
  executed(observation: Observation, elapsedMs: number): void;
  /** An error that goes out to a client. */
  error(code: unknown): void;
  /** @param elapsedMs of planning and compiling; 0 for a hit */
  planned(outcome: PlanOutcome, elapsedMs: number): void;
}

const NO_CODE = 'none';

/** @param names of operations that are told apart; a client can send any name, and each would be kept for ever */
export function createOperationMetrics(registry: Registry, names: readonly string[]): OperationMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: 'headgate_operation_duration_seconds',
    help: 'Operations that no cache answered, from there to their answer, by name where the configuration lists it.',
    labelNames: ['operation', 'kind'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const overhead = new Histogram({
    name: 'headgate_gateway_overhead_seconds',
    help: 'The same without the time in which a subgraph was waited for: what the gateway itself adds to a miss.',
    buckets: REQUEST_SECONDS,
    registers,
  });
  const errors = new Counter({
    name: 'headgate_errors_total',
    help: 'Errors sent to clients, by code; an answer can have several.',
    labelNames: ['code'],
    registers,
  });
  const plans = new Counter({
    name: 'headgate_plans_total',
    help: 'Plans looked up: found in the plan cache, made anew, or impossible.',
    labelNames: ['outcome'],
    registers,
  });
  const planning = new Histogram({
    name: 'headgate_planning_duration_seconds',
    help: 'Making one plan, compiling it included; those found in the plan cache take none.',
    buckets: REQUEST_SECONDS,
    registers,
  });
  const operationLabel = knownLabel(names);
  const kindLabel = knownLabel(['query', 'mutation', 'subscription']);
  const codeLabel = knownLabel([...Object.keys(ERROR_CODES), ...Object.values(executionCodes)]);
  for (const outcome of ['hit', 'made', 'failed'] as const) plans.inc({ outcome }, 0);

  return {
    executed({ operation, upstreamMs }, elapsedMs) {
      if (operation === undefined) return;
      const labels = { operation: operationLabel(operation.name ?? ''), kind: kindLabel(operation.kind) };
      duration.observe(labels, elapsedMs / 1000);
      overhead.observe(Math.max(0, elapsedMs - upstreamMs) / 1000);
    },
    error: (code) => errors.inc({ code: typeof code === 'string' ? codeLabel(code) : NO_CODE }),
    planned(outcome, elapsedMs) {
      plans.inc({ outcome });
      if (outcome !== 'hit') planning.observe(elapsedMs / 1000);
    },
  };
}
