import type { FetchDataKeyRenamer } from '@apollo/query-planner';
import { getOwn, isJsonObject, type JsonObject } from '../json.js';
import type { TypeConditions } from '../typeConditions.js';
import type { PathSegment } from './responsePath.js';
import { collectTargets } from './targets.js';

/** Values of the variables that a subgraph takes from a context (`@fromContext`), for one entity. */
export type ContextValues = Readonly<Record<string, unknown>>;

/** Reads the context values of all entities at the fetch's path. An entity without any is not in the map. */
export type ContextArguments = (root: JsonObject) => ReadonlyMap<JsonObject, ContextValues>;

const up = '..';
const fragmentPrefix = '... on ';

interface ContextArgument {
  readonly variable: string;
  /** From the root to the object that the value hangs on, and from there to the entities. */
  readonly toHolder: readonly PathSegment[];
  readonly toEntities: readonly PathSegment[];
  readonly read: (holder: JsonObject) => unknown;
}

/** Each `..` leaves one field, with the lists that it is in. */
function splitPath(path: readonly PathSegment[], levels: number): [PathSegment[], PathSegment[]] {
  let index = path.length;
  for (let level = 0; level < levels && index > 0; level++) {
    do {
      index--;
    } while (index > 0 && path[index]?.kind !== 'field');
  }
  return [path.slice(0, index), path.slice(index)];
}

function compileRead(
  elements: readonly string[],
  conditions: TypeConditions,
): (holder: JsonObject) => unknown {
  return (holder) => {
    let value: unknown = holder;
    for (const element of elements) {
      if (!isJsonObject(value)) {
        return value;
      }
      if (!element.startsWith(fragmentPrefix)) {
        value = getOwn(value, element);
        continue;
      }
      const typename = value['__typename'];
      if (
        typeof typename === 'string' &&
        !conditions.matches(typename, element.slice(fragmentPrefix.length))
      ) {
        return undefined;
      }
    }
    return value;
  };
}

function compileArgument(
  rewrite: FetchDataKeyRenamer,
  path: readonly PathSegment[],
  conditions: TypeConditions,
): ContextArgument {
  const firstDown = rewrite.path.findIndex((element) => element !== up);
  const levels = firstDown === -1 ? rewrite.path.length : firstDown;
  const [toHolder, toEntities] = splitPath(path, levels);
  return {
    variable: rewrite.renameKeyTo,
    toHolder,
    toEntities,
    read: compileRead(rewrite.path.slice(levels), conditions),
  };
}

export function compileContextArguments(
  rewrites: readonly FetchDataKeyRenamer[] | undefined,
  path: readonly PathSegment[],
  conditions: TypeConditions,
): ContextArguments | undefined {
  if (rewrites === undefined || rewrites.length === 0) {
    return undefined;
  }
  const contextArguments = rewrites.map((rewrite) => compileArgument(rewrite, path, conditions));
  return (root) => {
    const valuesByEntity = new Map<JsonObject, Record<string, unknown>>();
    for (const { variable, toHolder, toEntities, read } of contextArguments) {
      for (const holder of collectTargets(root, toHolder)) {
        const value = read(holder);
        if (value === undefined) {
          continue;
        }
        for (const entity of collectTargets(holder, toEntities)) {
          const values = valuesByEntity.get(entity) ?? {};
          values[variable] = value;
          valuesByEntity.set(entity, values);
        }
      }
    }
    return valuesByEntity;
  };
}
