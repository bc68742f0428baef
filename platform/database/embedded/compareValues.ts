import { compare } from 'mingo/util';

/** The order of values in MongoDB; a missing value counts as `null`. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if ((typeof a === 'string' && typeof b === 'string') || (typeof a === 'number' && typeof b === 'number')) {
    return a < b ? -1 : 1;
  }
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  return compare(a ?? null, b ?? null);
}
