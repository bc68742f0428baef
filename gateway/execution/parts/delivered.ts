import { getOwn, isJsonObject, type JsonObject, setOwn } from '../json.js';

/**
 * Adds a part to the objects and lists that a client has been given, and that nothing else refers to. Values are not kept:
 * all that is asked of it is where further parts can go.
 */
export function deliver(given: JsonObject, part: JsonObject | null): void {
  for (const key of Object.keys(part ?? {})) {
    const incoming = part === null ? undefined : getOwn(part, key);
    setOwn(given, key, delivered(getOwn(given, key), incoming));
  }
}

function delivered(given: unknown, incoming: unknown): unknown {
  if (Array.isArray(incoming)) {
    const known: readonly unknown[] = Array.isArray(given) ? given : [];
    return incoming.map((element: unknown, index) => delivered(known[index], element));
  }
  if (!isJsonObject(incoming)) return incoming === null ? null : undefined;
  const object = isJsonObject(given) ? given : {};
  deliver(object, incoming);
  return object;
}

/** The object that a client has at a place, made where nothing is yet; `undefined` where it has a null. */
export function placeIn(given: JsonObject, path: readonly (string | number)[]): JsonObject | undefined {
  let value: JsonObject | unknown[] = given;
  for (const [depth, key] of path.entries()) {
    let next: unknown =
      typeof key === 'number' && Array.isArray(value) ? value[key] : getOwn(value as JsonObject, String(key));
    if (next === undefined) {
      next = typeof path[depth + 1] === 'number' ? [] : {};
      setOwn(value as JsonObject, String(key), next);
    }
    if (typeof next !== 'object' || next === null) return undefined;
    value = next as JsonObject | unknown[];
  }
  return isJsonObject(value) ? value : undefined;
}
