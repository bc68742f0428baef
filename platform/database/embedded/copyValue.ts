/**
 * A deep copy of plain JSON with dates, several times cheaper than `structuredClone`.
 * Properties that are `undefined` are left out, as the driver does; anything else that BSON would need
 * a type of its own for is refused.
 */
export function copyValue<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'function' || typeof value === 'symbol') throw unsupported(value);
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => copy(item ?? null));
  if (value instanceof Date) return new Date(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unsupported(value);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const child = (value as Record<string, unknown>)[key];
    if (child !== undefined) result[key] = copy(child);
  }
  return result;
}

function unsupported(value: unknown): TypeError {
  const type = typeof value === 'object' ? value?.constructor?.name : typeof value;
  return new TypeError(`a document holds plain JSON and dates only, not a ${type}`);
}
