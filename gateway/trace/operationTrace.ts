import type { Cost } from '../cost/costTree.js';
import type { CompiledPlan, SubgraphRequest, SubgraphResponse } from '../execution/types.js';
import { describePlan } from './describePlan.js';
import type { CostReport, PlanDescription, RequestTrace, TraceReport } from './traceReport.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One fetch of a traced operation; part of the context with which it passes the caches. */
export class FetchRecorder {
  readonly requests: Mutable<RequestTrace>[] = [];
  readonly startMs: number;
  endMs: number | undefined;
  /** Its place among the response's explanations. */
  explanation: number | undefined;

  constructor(
    readonly request: SubgraphRequest,
    readonly elapsed: () => number,
  ) {
    this.startMs = elapsed();
  }

  /** Notes a request that is about to be sent. @returns to be called with its outcome */
  sending(request: SubgraphRequest): (outcome: SubgraphResponse | { readonly failure: unknown }) => void {
    const sent: Mutable<RequestTrace> = { startMs: this.elapsed(), representations: countOf(request) };
    this.requests.push(sent);
    return (outcome) => {
      sent.endMs = this.elapsed();
      if ('failure' in outcome) {
        sent.error = outcome.failure instanceof Error ? outcome.failure.message : String(outcome.failure);
        return;
      }
      sent.status = outcome.http?.status;
      sent.bytes = outcome.http?.bytes;
      sent.cacheControl = outcome.http?.cacheControl;
    };
  }
}

/** What is noted while one operation runs, for the developer who may and does ask for it. */
export class OperationTrace {
  readonly #startedAt = Date.now();
  #zero = performance.now();
  #planMs = 0;
  #endMs: number | undefined;
  #operation: TraceReport['operation'] | undefined;
  readonly #fetches: FetchRecorder[] = [];
  plan: PlanDescription | undefined;
  /** Of the document. */
  text: string | undefined;
  estimatedCost: Cost | undefined;
  /** By what subgraphs have answered. */
  actualCost: Cost | undefined;

  readonly #elapsed = (): number => Math.round((performance.now() - this.#zero) * 1000) / 1000;

  /** @param text of the document */
  begin(operation: TraceReport['operation'], text: string | undefined): void {
    this.#zero = performance.now();
    this.#operation = operation;
    this.text = text;
  }

  planned({ root }: CompiledPlan): void {
    this.#planMs = this.#elapsed();
    this.plan = describePlan(root);
  }

  fetching(request: SubgraphRequest): FetchRecorder {
    const recorder = new FetchRecorder(request, this.#elapsed);
    this.#fetches.push(recorder);
    return recorder;
  }

  end(): void {
    this.#endMs = this.#elapsed();
  }

  /** @returns `undefined` when nothing was executed */
  report(): Omit<TraceReport, 'freshness' | 'limits'> | undefined {
    if (this.#operation === undefined) return undefined;
    return {
      operation: this.#operation,
      startedAt: this.#startedAt,
      durationMs: this.#endMs ?? this.#elapsed(),
      planMs: this.#planMs,
      cost: costReport(this.estimatedCost, this.actualCost),
      fetches: this.#fetches.map(({ request, requests, startMs, endMs, explanation }) => {
        const representations = countOf(request);
        const carried = requests.reduce((sum, sent) => sum + (sent.representations ?? 0), 0);
        return {
          fetchId: request.fetchId,
          subgraph: request.subgraph,
          startMs,
          endMs: endMs ?? this.#elapsed(),
          representations,
          saved: representations && Math.max(0, representations - carried),
          requests: requests.map((sent) => ({ ...sent })),
          explanation,
        };
      }),
    };
  }
}

/** Each subgraph that has a part in either. */
function costReport(estimate: Cost | undefined, actual: Cost | undefined): CostReport | undefined {
  if (estimate === undefined) return undefined;
  const names = new Set([...estimate.bySubgraph.keys(), ...(actual?.bySubgraph.keys() ?? [])]);
  return {
    estimated: estimate.total,
    actual: actual?.total,
    subgraphs: [...names].map((name) => ({
      name,
      estimated: estimate.bySubgraph.get(name) ?? 0,
      actual: actual && (actual.bySubgraph.get(name) ?? 0),
    })),
  };
}

function countOf({ variables }: SubgraphRequest): number | undefined {
  const representations = variables?.['representations'];
  return Array.isArray(representations) ? representations.length : undefined;
}
