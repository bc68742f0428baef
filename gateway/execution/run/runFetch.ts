import type { JsonObject } from '../json.js';
import type { FetchStep } from '../plan/fetchStep.js';
import { collectTargets, locateTargets } from '../plan/targets.js';
import type { Execution } from './execution.js';
import { executionError } from './executionError.js';
import { runEntityFetch } from './runEntityFetch.js';
import { sendRequest } from './sendRequest.js';
import { shareEntities } from './shareEntities.js';

async function runRootFetch<C>(
  step: FetchStep,
  targets: JsonObject[],
  execution: Execution<C>,
): Promise<void> {
  const data = await sendRequest(step, execution, undefined, (path) => {
    const paths: (string | number)[][] = [];
    locateTargets(execution.root, step.path, (_target, trail) => paths.push([...trail, ...path]));
    return paths;
  });
  if (data === undefined) {
    return;
  }
  step.rewriteOutput?.(data);
  shareEntities(step.sharedPlaces, data, execution);
  for (const [index, target] of targets.entries()) {
    // The last one may take the objects themselves: nobody else will.
    step.mergeInto(target, index < targets.length - 1 ? structuredClone(data) : data);
  }
}

/** Runs one fetch: finds its places in the result, asks the subgraph, merges what it answers. Never rejects. */
export async function runFetch<C>(step: FetchStep, execution: Execution<C>): Promise<void> {
  try {
    const targets = collectTargets(execution.root, step.path, execution.isShared);
    if (targets.length === 0) {
      return;
    }
    await (step.representations === undefined
      ? runRootFetch(step, targets, execution)
      : runEntityFetch(step, step.representations, targets, execution));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    execution.errors.push(executionError('responseInvalid', message, step.subgraph));
  }
}
