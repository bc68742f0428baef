import { getOwn, type JsonObject } from '../json.js';
import type { PathSegment } from '../plan/responsePath.js';
import type { SharedPlace } from '../plan/sharedPlaces.js';
import type { Execution } from './execution.js';

/** Fewer say nothing about what comes. */
const COMPARED_AT_LEAST = 256;
/** What is shared less often is left alone for so many answers. */
const WORTHWHILE = 1 / 8;
const LEFT_FOR = 32;

function worthTrying({ tally }: SharedPlace): boolean {
  if (tally.left > 0) {
    tally.left -= 1;
    return false;
  }
  if (tally.compared < COMPARED_AT_LEAST) return true;
  const pays = tally.shared >= tally.compared * WORTHWHILE;
  tally.compared = 0;
  tally.shared = 0;
  if (!pays) tally.left = LEFT_FOR;
  return pays;
}

/** Of values that were read from JSON. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) {
      if (!isEqual(a[index], b[index])) return false;
    }
    return true;
  }
  if (Array.isArray(b)) return false;
  let count = 0;
  for (const key in a) {
    if (!isEqual((a as JsonObject)[key], (b as JsonObject)[key])) return false;
    count += 1;
  }
  for (const _key in b) count -= 1;
  return count === 0;
}

/** Whether there is a list in it: only lists are walked once, and written once, wherever they stand. */
export function holdsList(value: JsonObject): boolean {
  for (const key in value) {
    const inner = value[key];
    if (
      typeof inner === 'object' &&
      inner !== null &&
      (Array.isArray(inner) || holdsList(inner as JsonObject))
    ) {
      return true;
    }
  }
  return false;
}

function shareAt<C>(
  { path, key, tally }: SharedPlace,
  answer: JsonObject | unknown[],
  execution: Execution<C>,
): void {
  const firstByType = new Map<unknown, Map<unknown, JsonObject>>();
  const visitedLists = new Set<readonly unknown[]>();

  /** The one to stand in its place. */
  const chosen = (entity: JsonObject): JsonObject => {
    const id = key(entity);
    if (id === undefined) return entity;
    const typename = entity['__typename'];
    let firsts = firstByType.get(typename);
    if (firsts === undefined) {
      firsts = new Map();
      firstByType.set(typename, firsts);
    }
    const first = firsts.get(id);
    if (first === undefined) {
      firsts.set(id, entity);
      tally.compared += 1;
      return entity;
    }
    if (first === entity) return entity;
    tally.compared += 1;
    if (!isEqual(first, entity)) return entity;
    tally.shared += 1;
    execution.sharesObjects = true;
    execution.isShared ||= holdsList(first);
    return first;
  };

  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      if (visitedLists.has(value)) return value;
      visitedLists.add(value);
      const next = path[depth]?.kind === 'list' ? depth + 1 : depth;
      for (let index = 0; index < value.length; index++) value[index] = walk(value[index], next);
      return value;
    }
    const segment: PathSegment | undefined = path[depth];
    if (segment === undefined) return chosen(value as JsonObject);
    if (segment.kind !== 'field') return value;
    const inner = getOwn(value as JsonObject, segment.name);
    if (typeof inner !== 'object' || inner === null) return value;
    const kept = walk(inner, depth + 1);
    if (kept !== inner) (value as JsonObject)[segment.name] = kept;
    return value;
  };

  walk(answer, 0);
}

/**
 * Makes one object of entities that are equal in an answer, before it becomes part of the tree and anybody knows what is
 * in it. A nested answer repeats the same few things many times: from here on they are kept, asked for, filled and
 * written once.
 */
export function shareEntities<C>(
  places: readonly SharedPlace[],
  answer: JsonObject | unknown[],
  execution: Execution<C>,
): void {
  for (const place of places) {
    if (worthTrying(place)) shareAt(place, answer, execution);
  }
}
