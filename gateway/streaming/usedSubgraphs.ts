import type { PlanStep } from '../execution/plan/executablePlan.js';
import type { CompiledPlan } from '../execution/types.js';

/** Every subgraph that a plan may ask, whatever its variables. */
export function usedSubgraphs({ root, subscription }: CompiledPlan): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (step: PlanStep | undefined): void => {
    switch (step?.kind) {
      case 'fetch':
        names.add(step.subgraph);
        break;
      case 'sequence':
      case 'parallel':
        for (const child of step.steps) visit(child);
        break;
      case 'condition':
        visit(step.whenTrue);
        visit(step.whenFalse);
        break;
    }
  };
  visit(root);
  if (subscription !== undefined) {
    visit(subscription.primary);
    visit(subscription.rest);
  }
  return names;
}
