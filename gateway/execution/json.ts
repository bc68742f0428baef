/** An object of a result tree. Made by `JSON.parse`: own keys only, but on `Object.prototype`. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads an own key. Clients choose response names, so `constructor` or `__proto__` may be one: a plain read would
 * find the prototype's.
 */
export function getOwn(object: JsonObject, key: string): unknown {
  const value = object[key];
  // Results hold no functions, so one is inherited. Most reads end here: `Object.hasOwn` costs several times as much.
  return typeof value === 'function' || key === '__proto__' ? getOwnSlowly(object, key) : value;
}

function getOwnSlowly(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own key, `__proto__` included, which a plain assignment would not. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[key] = value;
  }
}
