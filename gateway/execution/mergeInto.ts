import { getOwn, isJsonObject, type JsonObject, setOwn } from './json.js';
import type { TypeConditions } from './typeConditions.js';

export type MergeInto = (target: JsonObject, source: JsonObject) => void;

/**
 * Merges what a subgraph answered into the result tree, deeply. A null never erases an object or a list that
 * another subgraph gave, so that the outcome does not depend on who answers first. `__typename` keeps the concrete
 * type where one is known: a subgraph with an `@interfaceObject` calls all its entities by the interface's name.
 * Parts of `source` become part of the tree as they are.
 */
export function createMergeInto(conditions: TypeConditions): MergeInto {
  const mergeLists = (target: unknown[], source: unknown[]): void => {
    for (let index = 0; index < source.length; index++) {
      target[index] = merged(target[index], source[index]);
    }
  };

  const merged = (existing: unknown, incoming: unknown): unknown => {
    if (typeof existing !== 'object' || existing === null) {
      return incoming;
    }
    if (incoming === null || incoming === existing) {
      return existing;
    }
    if (Array.isArray(existing)) {
      if (Array.isArray(incoming) && incoming.length === existing.length) {
        mergeLists(existing, incoming);
        return existing;
      }
      return incoming;
    }
    if (!isJsonObject(incoming)) {
      return incoming;
    }
    mergeInto(existing as JsonObject, incoming);
    return existing;
  };

  const mergeInto: MergeInto = (target, source) => {
    for (const key of Object.keys(source)) {
      const incoming = source[key];
      if (incoming === undefined) {
        continue;
      }
      if (key === '__proto__') {
        setOwn(target, key, merged(getOwn(target, key), getOwn(source, key)));
        continue;
      }
      // An inherited member is a function, which no answer contains, so it counts as absent.
      const existing = target[key];
      if (typeof existing === 'object' && existing !== null) {
        target[key] = merged(existing, incoming);
      } else if (key !== '__typename' || typeof existing !== 'string' || conditions.isInterface(existing)) {
        target[key] = incoming;
      }
    }
  };

  return mergeInto;
}
