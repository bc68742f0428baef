/** The value at a dotted path; for a path through an array, the values of all its elements. */
export function valueAt(document: unknown, path: string): unknown {
  if (!path.includes('.')) return (document as Record<string, unknown>)[path];
  return walk(document, path.split('.'), 0);
}

function walk(value: unknown, path: readonly string[], depth: number): unknown {
  const key = path[depth];
  if (key === undefined) return value;
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return value.flatMap((element) => walk(element, path, depth) ?? []);
  return walk((value as Record<string, unknown>)[key], path, depth + 1);
}
