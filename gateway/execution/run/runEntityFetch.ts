import { isJsonObject, type JsonObject } from '../json.js';
import type { FetchStep } from '../plan/fetchStep.js';
import type { RepresentationBuilder } from '../plan/representations.js';
import { locateTargets } from '../plan/targets.js';
import { type Batch, createBatches } from './entityBatch.js';
import type { Execution } from './execution.js';
import { executionError } from './executionError.js';
import { sendRequest } from './sendRequest.js';
import { holdsList, shareEntities } from './shareEntities.js';
import type { TranslatePath } from './subgraphErrors.js';

/** `_entities[i].a.b` of the answer becomes `a.b` at each place of the i-th representation. */
function entityPathTranslator<C>(step: FetchStep, batch: Batch, execution: Execution<C>): TranslatePath {
  let trails: Map<JsonObject, (string | number)[][]> | undefined;
  const trailsOf = (entity: JsonObject): (string | number)[][] => {
    if (trails === undefined) {
      const found = new Map<JsonObject, (string | number)[][]>();
      locateTargets(execution.root, step.path, (target, trail) => {
        const known = found.get(target);
        if (known === undefined) {
          found.set(target, [[...trail]]);
        } else {
          known.push([...trail]);
        }
      });
      trails = found;
    }
    return trails.get(entity) ?? [];
  };
  return (path) => {
    const index = path[1];
    if (path[0] !== '_entities' || typeof index !== 'number') {
      return [];
    }
    const places = new Set(batch.places[index]);
    return [...places].flatMap(trailsOf).map((trail) => [...trail, ...path.slice(2)]);
  };
}

async function runBatch<C>(step: FetchStep, batch: Batch, execution: Execution<C>): Promise<void> {
  const { representations, places } = batch;
  const variables = { representations, ...batch.contextValues };
  const data = await sendRequest(step, execution, variables, entityPathTranslator(step, batch, execution));
  if (data === undefined) {
    return;
  }
  const entities = data['_entities'];
  if (!Array.isArray(entities) || entities.length !== representations.length) {
    const expected = Array.isArray(entities)
      ? `contain ${representations.length} elements, not ${entities.length}`
      : 'be an array';
    const message = `Expected "data._entities" in response to ${expected}`;
    execution.errors.push(executionError('responseInvalid', message, step.subgraph));
    return;
  }
  for (const [index, received] of entities.entries()) {
    if (isJsonObject(received)) {
      rewriteEntity(step, received, places[index]?.[0]);
    }
  }
  shareEntities(step.sharedPlaces, entities, execution);
  for (const [index, received] of entities.entries()) {
    if (isJsonObject(received)) {
      const waiting = places[index] ?? [];
      mergeEntity(step, received, waiting);
      const isRepeated = waiting.length > 1 ? !step.copyAnswers : execution.sharesObjects;
      execution.isShared ||= isRepeated && holdsList(received);
    }
  }
}

function rewriteEntity(step: FetchStep, received: JsonObject, asked: JsonObject | undefined): void {
  if (step.rewriteOutput === undefined) {
    return;
  }
  // Rewrites ask for the type; without it in the answer, it is the one of the entity that was asked for.
  if (received['__typename'] === undefined) {
    received['__typename'] = asked?.['__typename'];
  }
  step.rewriteOutput(received);
}

function mergeEntity(step: FetchStep, received: JsonObject, places: readonly JsonObject[]): void {
  const lastPlace = places.length - 1;
  for (const [index, place] of places.entries()) {
    step.mergeInto(place, step.copyAnswers && index < lastPlace ? structuredClone(received) : received);
  }
}

export async function runEntityFetch<C>(
  step: FetchStep,
  builder: RepresentationBuilder,
  targets: readonly JsonObject[],
  execution: Execution<C>,
): Promise<void> {
  const batches = createBatches(step, builder, targets, execution);
  const [only] = batches;
  if (batches.length === 1 && only !== undefined) {
    await runBatch(step, only, execution);
  } else {
    await Promise.all(batches.map((batch) => runBatch(step, batch, execution)));
  }
}
