import { GraphQLError } from 'graphql';
import { toResult } from './executePlan.js';
import { isJsonObject, type JsonObject } from './json.js';
import { deliver, placeIn } from './parts/delivered.js';
import type { DeferredPart, DeferStep, PlanStep } from './plan/executablePlan.js';
import { locateTargets } from './plan/targets.js';
import { projectExactly } from './projection/projectExactly.js';
import type { Execution } from './run/execution.js';
import { conditionFault } from './run/runPlan.js';
import { runStep } from './run/runStep.js';
import type { CompiledPlan, ExecutePlanArgs, ExecutePlanResult } from './types.js';

/** What one fragment with `@defer` adds at one place of the response. */
export interface IncrementalResult extends ExecutePlanResult {
  readonly path: readonly (string | number)[];
  readonly label: string | undefined;
}

/** Where the parts go, in the order in which a client has to take them. */
export interface PartsSink {
  first(result: ExecutePlanResult, hasNext: boolean): void;
  /** @param results empty when the part turned out to belong nowhere */
  next(results: readonly IncrementalResult[], hasNext: boolean): void;
}

/** What these variables make of a plan: the step whose parts come one by one, or `undefined` for one whole answer. */
export function deferStepOf(
  plan: CompiledPlan,
  variables: Readonly<Record<string, unknown>>,
): DeferStep | undefined {
  // Introspection is answered without a plan, so the plan's parts do not show it.
  if (plan.introspection !== undefined || conditionFault(plan, variables) !== undefined) return undefined;
  let step: PlanStep | undefined = plan.root;
  while (step?.kind === 'condition') {
    step = variables[step.variable] === true ? step.whenTrue : step.whenFalse;
  }
  return step?.kind === 'defer' ? step : undefined;
}

/**
 * Runs the primary part of a plan, and then what is deferred: each part of it for itself, and parts inside it after it.
 * All fetches write into one tree; each part is shaped by its own selection, so that its nulls stay inside it.
 *
 * @returns a promise that does not reject because of anything a subgraph does
 */
export async function executeInParts<C>(
  plan: CompiledPlan,
  step: DeferStep,
  args: ExecutePlanArgs<C>,
  sink: PartsSink,
): Promise<void> {
  const { partShapes, projections } = plan;
  const root: JsonObject = {};
  const conditions = new Map(
    projections.conditionVariables.map((name) => [name, args.variables[name] === true]),
  );
  // By now all lists may stand in several places.
  const begin = (): Execution<C> => ({ root, errors: [], sharesObjects: true, isShared: true, ...args });
  let pending = step.deferred.length;

  async function runPart(part: DeferredPart, delivered: JsonObject): Promise<void> {
    const execution = begin();
    if (part.step !== undefined) await runStep(part.step, execution);
    if (args.signal?.aborted === true) return;
    const results = resultsOf(part, execution.errors, delivered);
    pending += part.deferred.length - 1;
    sink.next(results, pending > 0);
    await Promise.all(part.deferred.map((inner) => runPart(inner, delivered)));
  }

  /** One result for each place that the client has been given. */
  function resultsOf(
    { path, label, selection, deferred }: DeferredPart,
    errors: readonly GraphQLError[],
    delivered: JsonObject,
  ): IncrementalResult[] {
    const inner = deferred.map((one) => one.path);
    const part = partShapes.shapeAt(conditions, path, selection, inner);
    const results: IncrementalResult[] = [];
    let left = errors;
    if (part !== undefined) {
      locateTargets(root, part.path, (target, trail) => {
        const place = trail.map((key) =>
          typeof key === 'string' ? (partShapes.responseNames.get(key) ?? key) : key,
        );
        const given = placeIn(delivered, place);
        // A null took the place, or one above it, from what the client got, or the part that would have brought it.
        if (given === undefined) return;
        const typename = target['__typename'];
        const fields = part.shape.fieldsFor(typeof typename === 'string' ? typename : undefined);
        if (fields === undefined) return;
        const shape = { declaredType: part.shape.declaredType, fieldsFor: () => fields };
        const { data, errors: invalid } = projectExactly(shape, target, {});
        const own = left.filter((error) => isBelow(error.path, place));
        // A fragment of another type shows nothing of this object.
        if (data !== null && Object.keys(data).length === 0 && own.length === 0) return;
        left = left.filter((error) => !own.includes(error));
        deliver(given, data);
        const located = { data, errors: invalid.map((error) => below(place, error)) };
        results.push({ path: place, label, ...toResult(own, located) });
      });
    }
    if (left.length === 0) return results;
    // Errors of the whole part, which name no place.
    const [first, ...others] = results;
    if (first === undefined) return [{ path: [], label, data: null, errors: left }];
    return [{ ...first, errors: [...(first.errors ?? []), ...left] }, ...others];
  }

  const execution: Execution<C> = {
    ...begin(),
    errors: [...plan.unauthorized],
    sharesObjects: false,
    isShared: false,
  };
  const { primary } = step;
  if (primary.step !== undefined) await runStep(primary.step, execution);
  const inner = step.deferred.map(({ path }) => path);
  const shape = partShapes.shapeAt(conditions, [], primary.selection, inner)?.shape;
  const projected = shape === undefined ? { data: {}, errors: [] } : projectExactly(shape, root, {});
  const delivered: JsonObject = {};
  deliver(delivered, projected.data);
  const hasNext = isJsonObject(projected.data) && pending > 0;
  sink.first(toResult(execution.errors, projected), hasNext);
  if (hasNext) await Promise.all(step.deferred.map((part) => runPart(part, delivered)));
  args.onFetched?.(root);
}

function isBelow(
  path: readonly (string | number)[] | undefined,
  place: readonly (string | number)[],
): boolean {
  return path !== undefined && place.every((key, index) => path[index] === key);
}

function below(place: readonly (string | number)[], error: GraphQLError): GraphQLError {
  const { message, path = [], extensions } = error;
  return new GraphQLError(message, { path: [...place, ...path], extensions });
}
