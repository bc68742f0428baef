import type { PlanStep } from '../plan/executablePlan.js';
import type { Execution } from './execution.js';
import { executionError } from './executionError.js';
import { runFetch } from './runFetch.js';

async function runSequence<C>(steps: readonly PlanStep[], execution: Execution<C>): Promise<void> {
  for (const step of steps) {
    await runStep(step, execution);
  }
}

/** Runs a step to its end. Never rejects: what fails becomes an error of the execution. */
export function runStep<C>(step: PlanStep, execution: Execution<C>): Promise<unknown> | undefined {
  switch (step.kind) {
    case 'fetch':
      return runFetch(step, execution);
    case 'sequence':
      return runSequence(step.steps, execution);
    case 'parallel':
      return Promise.all(step.steps.map((child) => runStep(child, execution)));
    case 'condition': {
      const branch = execution.variables[step.variable] === true ? step.whenTrue : step.whenFalse;
      return branch && runStep(branch, execution);
    }
    case 'defer':
      execution.errors.push(executionError('notSupported', 'Defer cannot be run by this executor'));
      return undefined;
    case 'unsupported':
      execution.errors.push(executionError('notSupported', `${step.what} cannot be run by this executor`));
      return undefined;
  }
}
