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

/** The object that a client has at a place; `undefined` where it has a null, or was never given what is above it. */
export function placeIn(given: JsonObject, path: readonly (string | number)[]): JsonObject | undefined {
  let value: unknown = given;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Array.isArray(value) ? value[Number(key)] : getOwn(value as JsonObject, String(key));
  }
  return isJsonObject(value) ? value : undefined;
}
