import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { getOwn, type JsonObject, setOwn } from '../json.js';
import type { TypeConditions } from '../typeConditions.js';
import { flatKey, mapKey, type Selection, selectionOf } from './representationKey.js';
import { type Group, groupsOf, splitOwn } from './requiredFields.js';

export interface RepresentationBuilder {
  /**
   * Equal (as keys of a `Map`) for two entities of the same `__typename` exactly if their representations are equal.
   * `undefined` when the entity lacks what the subgraph needs to know it by, so that it cannot be asked for.
   */
  key(entity: JsonObject): unknown;
  /** The representation of an entity that has a key: a new object. */
  build(entity: JsonObject): JsonObject;
}

function typenameOf(object: JsonObject): string | undefined {
  const typename = object['__typename'];
  return typeof typename === 'string' ? typename : undefined;
}

/** Compiles the `requires` of a fetch. What it selects per runtime type is worked out once per type. */
export function compileRepresentations(
  requires: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
): RepresentationBuilder {
  const selectionByTypename = new Map<string, Selection>();

  const selectionFor = (typename: string): Selection => {
    let known = selectionByTypename.get(typename);
    if (known === undefined) {
      known = selectionOf(groupsOf(requires, typename, conditions));
      selectionByTypename.set(typename, known);
    }
    return known;
  };

  const select = (value: unknown, selections: readonly QueryPlanSelectionNode[]): unknown => {
    if (Array.isArray(value)) {
      return value.map((element) => select(element, selections));
    }
    if (typeof value !== 'object' || value === null) {
      return null;
    }
    const object = value as JsonObject;
    const result: JsonObject = {};
    const [own, ...conditional] = splitOwn(selections, typenameOf(object), conditions);
    if (!copyGroup(object, own, result)) {
      return null;
    }
    for (const group of conditional) {
      addGroup(object, group, result);
    }
    return result;
  };

  const copyGroup = (object: JsonObject, group: Group, result: JsonObject): boolean => {
    for (const { name, selections } of group) {
      const value = getOwn(object, name);
      if (value === undefined) {
        return false;
      }
      setOwn(result, name, selections === undefined ? value : select(value, selections));
    }
    return true;
  };

  /** Adds all fields of the group or none. */
  const addGroup = (object: JsonObject, group: Group, result: JsonObject): void => {
    const part: JsonObject = {};
    if (copyGroup(object, group, part)) {
      mergeRepresentation(result, part);
    }
  };

  const build = (entity: JsonObject): JsonObject => {
    const result: JsonObject = {};
    for (const group of selectionFor(typenameOf(entity) ?? '').groups) {
      addGroup(entity, group, result);
    }
    return result;
  };

  return {
    build,
    key(entity) {
      const typename = typenameOf(entity);
      if (typename === undefined) {
        return undefined;
      }
      const { groups, flat, onlyKey } = selectionFor(typename);
      if (onlyKey !== undefined) {
        const value = getOwn(entity, onlyKey);
        return mapKey(value);
      }
      if (!flat) {
        const representation = build(entity);
        return representation['__typename'] === undefined ? undefined : JSON.stringify(representation);
      }
      return flatKey(entity, groups);
    },
  };
}

function mergeRepresentation(target: JsonObject, source: JsonObject): void {
  for (const [key, value] of Object.entries(source)) {
    const existing = getOwn(target, key);
    setOwn(target, key, mergedValue(existing, value));
  }
}

function mergedValue(existing: unknown, incoming: unknown): unknown {
  if (Array.isArray(existing) && Array.isArray(incoming) && existing.length === incoming.length) {
    return existing.map((element, index) => mergedValue(element, incoming[index]));
  }
  const bothObjects =
    typeof existing === 'object' &&
    existing !== null &&
    typeof incoming === 'object' &&
    incoming !== null &&
    !Array.isArray(existing) &&
    !Array.isArray(incoming);
  if (bothObjects) {
    const merged = { ...(existing as JsonObject) };
    mergeRepresentation(merged, incoming as JsonObject);
    return merged;
  }
  return incoming;
}
