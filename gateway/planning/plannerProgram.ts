import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import { GraphQLError, parse } from 'graphql';
import { SUPPORTED_FEATURES } from '../supergraph/supportedFeatures.js';

export interface PlanJob {
  /** A document that is valid. */
  readonly text: string;
  readonly operationName: string | undefined;
  /** Which progressive overrides hold, by label. */
  readonly conditions: ReadonlyMap<string, boolean>;
}

export interface PlanRequest {
  readonly id: number;
  readonly job: PlanJob;
}

export type PlanAnswer =
  | { readonly id: number; readonly plan: QueryPlan }
  /** `reason` is for the client; without one, the planner failed. */
  | { readonly id: number; readonly reason: string | undefined; readonly error: string };

/** The thread that plans large operations: nothing else waits while it works, and it can be ended. */
function serve(supergraphSdl: string): void {
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: SUPPORTED_FEATURES });
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);

  function plan({ text, operationName, conditions }: PlanJob): QueryPlan {
    const named = operationName === undefined ? {} : { operationName };
    const operation = operationFromDocument(schema, parse(text), named);
    return planner.buildQueryPlan(operation, { overrideConditions: new Map(conditions) });
  }

  parentPort?.on('message', ({ id, job }: PlanRequest) => {
    let answer: PlanAnswer;
    try {
      answer = { id, plan: plan(job) };
    } catch (error) {
      const reason = error instanceof GraphQLError ? error.message : undefined;
      answer = { id, reason, error: error instanceof Error ? (error.stack ?? '') : String(error) };
    }
    parentPort?.postMessage(answer);
  });
}

serve(workerData as string);
