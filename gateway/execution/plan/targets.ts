import { getOwn, isJsonObject, type JsonObject } from '../json.js';
import type { PathSegment } from './responsePath.js';

function admits(types: ReadonlySet<string> | undefined, value: unknown): boolean {
  if (types === undefined || !isJsonObject(value)) {
    return true;
  }
  const typename = value['__typename'];
  return typeof typename !== 'string' || types.has(typename);
}

interface Found {
  readonly targets: JsonObject[];
  readonly visitedLists: Set<readonly unknown[]> | undefined;
}

function collect(value: unknown, path: readonly PathSegment[], depth: number, found: Found): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const segment = path[depth];
  if (found.visitedLists !== undefined && Array.isArray(value)) {
    if (found.visitedLists.has(value)) {
      return;
    }
    found.visitedLists.add(value);
  }
  // A list where the path names none: the elements stand for it, so that a subgraph's list of lists is not lost.
  if (Array.isArray(value) && segment?.kind !== 'list') {
    for (const element of value) {
      collect(element, path, depth, found);
    }
    return;
  }
  if (segment === undefined) {
    found.targets.push(value as JsonObject);
    return;
  }
  if (segment.kind === 'list') {
    if (Array.isArray(value)) {
      for (const element of value) {
        if (admits(segment.types, element)) {
          collect(element, path, depth + 1, found);
        }
      }
    }
    return;
  }
  const next = segment.kind === 'here' ? value : getOwn(value as JsonObject, segment.name);
  if (next !== undefined && next !== null && admits(segment.types, next)) {
    collect(next, path, depth + 1, found);
  }
}

/**
 * The objects of the result that a path leads to, in document order, nulls left out.
 *
 * @param isShared whether lists can stand in several places of the tree; each is walked once then
 */
export function collectTargets(
  root: JsonObject,
  path: readonly PathSegment[],
  isShared = false,
): JsonObject[] {
  const found: Found = { targets: [], visitedLists: isShared ? new Set() : undefined };
  collect(root, path, 0, found);
  return found.targets;
}

function locate(
  value: unknown,
  path: readonly PathSegment[],
  depth: number,
  trail: (string | number)[],
  visit: (target: JsonObject, trail: readonly (string | number)[]) => void,
): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const segment = path[depth];
  if (Array.isArray(value)) {
    const isListStep = segment?.kind === 'list';
    for (const [index, element] of value.entries()) {
      if (isListStep && !admits(segment.types, element)) {
        continue;
      }
      trail.push(index);
      locate(element, path, isListStep ? depth + 1 : depth, trail, visit);
      trail.pop();
    }
    return;
  }
  if (segment === undefined) {
    visit(value as JsonObject, trail);
    return;
  }
  if (segment.kind === 'list') {
    return;
  }
  if (segment.kind === 'here') {
    if (admits(segment.types, value)) {
      locate(value, path, depth + 1, trail, visit);
    }
    return;
  }
  const next = getOwn(value as JsonObject, segment.name);
  if (admits(segment.types, next)) {
    trail.push(segment.name);
    locate(next, path, depth + 1, trail, visit);
    trail.pop();
  }
}

/** The walk of `collectTargets` with the trail that led to each target. Slower, for errors only. */
export function locateTargets(
  root: JsonObject,
  path: readonly PathSegment[],
  visit: (target: JsonObject, trail: readonly (string | number)[]) => void,
): void {
  locate(root, path, 0, [], visit);
}
