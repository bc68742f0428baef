import { copyValue } from './copyValue.js';
import { valueAt } from './valueAt.js';

type Projection = Readonly<Record<string, 0 | 1>>;

/** A copy of the document with the projected fields; paths into arrays copy the array whole. */
export function project<T extends object>(document: T, projection: Projection | undefined): T {
  const fields = Object.entries(projection ?? {});
  if (fields.length === 0) return copyValue(document);
  const including = fields.some(([name, flag]) => flag === 1 && name !== '_id');
  if (!including && !fields.some(([name, flag]) => flag === 1 && name === '_id'))
    return without(document, fields);
  const result: Record<string, unknown> = {};
  if (projection?.['_id'] !== 0) result['_id'] = (document as Record<string, unknown>)['_id'];
  for (const [path, flag] of fields) if (flag === 1) include(document, path, result);
  return result as T;
}

function include(document: object, path: string, result: Record<string, unknown>): void {
  const [head, ...rest] = path.split('.') as [string, ...string[]];
  const value = (document as Record<string, unknown>)[head];
  if (value === undefined) return;
  if (rest.length === 0 || Array.isArray(value) || typeof value !== 'object' || value === null) {
    if (rest.length === 0 || Array.isArray(value)) result[head] = copyValue(value);
    return;
  }
  const nested = (result[head] ?? {}) as Record<string, unknown>;
  result[head] = nested;
  include(value, rest.join('.'), nested);
}

function without<T extends object>(document: T, fields: readonly (readonly [string, 0 | 1])[]): T {
  const result = copyValue(document);
  for (const [path] of fields) {
    const at = path.lastIndexOf('.');
    const parent = at < 0 ? result : valueAt(result, path.slice(0, at));
    if (typeof parent === 'object' && parent !== null)
      delete (parent as Record<string, unknown>)[path.slice(at + 1)];
  }
  return result;
}
