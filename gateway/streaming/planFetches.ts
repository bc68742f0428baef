import type { PlanStep } from '../execution/plan/executablePlan.js';
import type { FetchStep } from '../execution/plan/fetchStep.js';
import type { CompiledPlan } from '../execution/types.js';

/** Every fetch of a plan, whatever its variables. */
export function planFetches({ root, subscription }: CompiledPlan): FetchStep[] {
  const own = subscription === undefined ? [] : [subscription.primary, ...stepFetches(subscription.rest)];
  return [...stepFetches(root), ...own];
}

function stepFetches(step: PlanStep | undefined): FetchStep[] {
  switch (step?.kind) {
    case 'fetch':
      return [step];
    case 'sequence':
    case 'parallel':
      return step.steps.flatMap(stepFetches);
    case 'condition':
      return [...stepFetches(step.whenTrue), ...stepFetches(step.whenFalse)];
    default:
      return [];
  }
}
