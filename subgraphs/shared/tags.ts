/** The tag of one entity under one of its keys: `Product:id=books-0001`. Composite keys are sorted by name, so order never matters. */
export function entityTag(type: string, key: Readonly<Record<string, string | number>>): string {
  return `${type}:${pairs(key)}`;
}

/** The tag of a list, whole (`products`) or for certain arguments (`products:category=books`). */
export function listTag(name: string, keyedBy: Readonly<Record<string, string | number>> = {}): string {
  const suffix = pairs(keyedBy);
  return suffix === '' ? name : `${name}:${suffix}`;
}

function pairs(values: Readonly<Record<string, string | number>>): string {
  return Object.keys(values)
    .sort()
    .map((name) => `${name}=${encodeURIComponent(String(values[name]))}`)
    .join('&');
}
