import type { FetchExplanation } from '../../../cache/fetchExplanation';
import type { FetchDescription, FetchTrace, PlanDescription } from '../../../trace/traceReport';
import type { Run } from '../state/run';
import type { Outcome } from './words';

/** A fetch of the plan with what came of it in one run: several times for some, never for others. */
export interface FetchRow {
  readonly fetch: FetchDescription;
  readonly traces: readonly FetchTrace[];
  readonly explanations: readonly FetchExplanation[];
  readonly outcome: Outcome | 'not run';
}

export function fetchRow(fetch: FetchDescription, { trace, cache }: Run): FetchRow {
  const traces = trace?.fetches.filter(({ fetchId }) => fetchId === fetch.fetchId) ?? [];
  const explanations = traces.flatMap(({ explanation }) =>
    explanation === undefined ? [] : (cache?.fetches[explanation] ?? []),
  );
  return { fetch, traces, explanations, outcome: outcomeOf(traces, explanations) };
}

function outcomeOf(
  traces: readonly FetchTrace[],
  explanations: readonly FetchExplanation[],
): FetchRow['outcome'] {
  if (traces.length === 0) return 'not run';
  const [first] = explanations;
  if (first === undefined) return 'sent';
  return explanations.every(({ outcome }) => outcome === first.outcome) ? first.outcome : 'partial';
}

/** All fetches of a plan, from top to bottom. */
export function fetchesOf(plan: PlanDescription | undefined): readonly FetchDescription[] {
  switch (plan?.kind) {
    case 'fetch':
      return [plan];
    case 'sequence':
    case 'parallel':
      return plan.steps.flatMap(fetchesOf);
    case 'condition':
      return [...fetchesOf(plan.whenTrue), ...fetchesOf(plan.whenFalse)];
    default:
      return [];
  }
}

/** How a fetch is called where there is room for one line. */
export function fetchName({ entityTypes, fields }: FetchDescription): string {
  if (entityTypes.length > 0) return entityTypes.join(', ');
  return fields.map((field) => field.split('.')[1] ?? field).join(', ');
}
