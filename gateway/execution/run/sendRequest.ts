import { isJsonObject, type JsonObject } from '../json.js';
import type { FetchStep } from '../plan/fetchStep.js';
import type { SubgraphResponse } from '../types.js';
import type { Execution } from './execution.js';
import { executionError } from './executionError.js';
import { fetchJointly } from './fetchJointly.js';
import { requestError, subgraphErrors, type TranslatePath } from './subgraphErrors.js';

/** The client's variables that the fetch uses, and what the fetch adds. `undefined` when there are none. */
function pickVariables<C>(
  step: FetchStep,
  execution: Execution<C>,
  added: JsonObject | undefined,
): JsonObject | undefined {
  let picked: JsonObject | undefined;
  for (const name of step.variableNames) {
    if (Object.hasOwn(execution.variables, name) && execution.variables[name] !== undefined) {
      picked ??= {};
      picked[name] = execution.variables[name];
    }
  }
  return added === undefined ? picked : Object.assign(picked ?? {}, added);
}

/**
 * Sends the fetch's request and takes in its errors.
 *
 * @returns the answer's `data`, or `undefined` when there is nothing to merge; the execution then has an error that
 * says why.
 */
export async function sendRequest<C>(
  step: FetchStep,
  execution: Execution<C>,
  addedVariables: JsonObject | undefined,
  translatePath: TranslatePath,
): Promise<JsonObject | undefined> {
  const { errors, signal } = execution;
  if (signal?.aborted === true) {
    errors.push(executionError('aborted', 'The execution was aborted', step.subgraph));
    return undefined;
  }
  if (step.representations !== undefined && step.variableNames.includes('representations')) {
    const message = 'A variable of an operation cannot be named "representations"';
    errors.push(executionError('reservedVariable', message, step.subgraph));
    return undefined;
  }
  let response: SubgraphResponse;
  try {
    const request = {
      subgraph: step.subgraph,
      query: step.query,
      operationName: step.operationName,
      operationKind: step.operationKind,
      variables: pickVariables(step, execution, addedVariables),
      fetchId: step.fetchId,
      signal,
    };
    const { jointKey } = step;
    response = await (jointKey === undefined || execution.fetchesApart === true
      ? execution.fetch(request, execution.context)
      : fetchJointly(jointKey, request, execution));
  } catch (error) {
    errors.push(requestError(error, step.subgraph));
    return undefined;
  }
  const isResponse = isJsonObject(response);
  const reported = isResponse ? subgraphErrors(response.errors, step, translatePath) : [];
  errors.push(...reported);
  const data: unknown = isResponse ? response.data : undefined;
  if (isJsonObject(data)) {
    return data;
  }
  if (reported.length === 0 || (data !== undefined && data !== null)) {
    const message = `Subgraph "${step.subgraph}" answered without data and without errors`;
    errors.push(executionError('responseInvalid', message, step.subgraph));
  }
  return undefined;
}
