import type { JsonObject } from '../json.js';
import type { ContextValues } from '../plan/contextArguments.js';
import type { FetchStep } from '../plan/fetchStep.js';
import type { RepresentationBuilder } from '../plan/representations.js';
import type { Execution } from './execution.js';

/** What one request asks: each representation once, with all the places that wait for it. */
export interface Batch {
  readonly contextValues: ContextValues | undefined;
  /** By type name and key. */
  readonly indices: Map<unknown, Map<unknown, number>>;
  readonly representations: JsonObject[];
  readonly places: JsonObject[][];
}

function createBatch(contextValues: ContextValues | undefined): Batch {
  return { contextValues, indices: new Map(), representations: [], places: [] };
}

function addToBatch(
  batch: Batch,
  key: unknown,
  entity: JsonObject,
  step: FetchStep,
  builder: RepresentationBuilder,
): void {
  const typename = entity['__typename'];
  let indices = batch.indices.get(typename);
  if (indices === undefined) {
    indices = new Map();
    batch.indices.set(typename, indices);
  }
  const known = indices.get(key);
  if (known !== undefined) {
    const places = batch.places[known];
    // An entity that stands in several places as one object is filled once.
    if (places?.at(-1) !== entity) places?.push(entity);
    return;
  }
  const representation = builder.build(entity);
  step.rewriteInput?.(representation);
  indices.set(key, batch.representations.length);
  batch.representations.push(representation);
  batch.places.push([entity]);
}

/** One batch, or one per set of context values: variables hold for all entities of a request. */
export function createBatches<C>(
  step: FetchStep,
  builder: RepresentationBuilder,
  targets: readonly JsonObject[],
  execution: Execution<C>,
): Batch[] {
  const contextValues = step.contextArguments?.(execution.root);
  const common = createBatch(undefined);
  const batches = new Map<string, Batch>();
  for (const entity of targets) {
    const key = builder.key(entity);
    if (key === undefined) {
      continue;
    }
    const values = contextValues?.get(entity);
    if (values === undefined) {
      addToBatch(common, key, entity, step, builder);
      continue;
    }
    const batchKey = JSON.stringify(values);
    const batch = batches.get(batchKey) ?? createBatch(values);
    batches.set(batchKey, batch);
    addToBatch(batch, key, entity, step, builder);
  }
  return [common, ...batches.values()].filter(({ representations }) => representations.length > 0);
}
