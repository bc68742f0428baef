import type { Filter, Update } from './database.js';

/** Fails with a `TypeError` that names the path of an `undefined` in a filter. */
export function checkFilter(filter: Filter): void {
  visit(filter, '');
}

/** An upsert without an `_id` would make the server invent one of a type that no store expects. */
export function checkUpsert(filter: Filter, update: Update): void {
  const onInsert = update['$setOnInsert'] as Record<string, unknown> | undefined;
  if (typeof filter['_id'] !== 'string' && typeof onInsert?.['_id'] !== 'string') {
    throw new TypeError('an upsert needs the _id in its filter or in $setOnInsert');
  }
}

function visit(value: unknown, path: string): void {
  if (value === undefined) throw new TypeError(`the filter's ${path} is undefined`);
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  for (const [key, child] of Object.entries(value)) visit(child, path === '' ? key : `${path}.${key}`);
}
